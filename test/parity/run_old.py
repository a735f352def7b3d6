"""Runs frozen graphs in TensorFlow 1.15: `PYTHON run_old.py FOLDER` writes NAME.out.npz, or the error as NAME.error, for each NAME.pb with
its feeds NAME.npz and outputs NAME.txt. Imports nothing of this suite: it is run by another Python."""
import glob
import os
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


def run(base):
    graph_def = tf1.GraphDef()
    with open(base + ".pb", "rb") as f:
        graph_def.ParseFromString(f.read())
    with open(base + ".txt") as f:
        outputs = f.read().split()
    with tf.Graph().as_default(), tf1.Session() as session:
        tf.import_graph_def(graph_def, name="")
        got = session.run(outputs, dict(np.load(base + ".npz")))
    np.savez(base + ".out.npz", *got)


for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.pb"))):
    try:
        run(path[:-3])
    except Exception as error:
        with open(path[:-3] + ".error", "w") as f:
            f.write(str(error)[:1000])
