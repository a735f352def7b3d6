#!/usr/bin/env python3
"""Writes the checkpoint beside this script, with the oracle's Python: variables of many kinds, for the tests of passes and tools.

    python make.py
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_v2_behavior()

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    def count(*shape):
        return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)

    variables = {
        "w": tf1.Variable(count(2, 3), name="w"),
        "old/w": tf1.Variable([0.5, -0.5], name="new_w"),
        "whole": tf1.Variable(count(6, 2), name="whole"),
        "large": tf1.Variable(count(20, 10), name="large"),
        "step": tf1.Variable(np.int64(7), name="step"),
        "words": tf1.Variable(["a", "bc"], name="words"),
        "half": tf1.Variable(np.array([1, 2, 3], np.float16), name="half"),
        "flag": tf1.Variable(True, name="flag"),
        "w/Adam": tf1.Variable(count(2, 3) * 0, name="w_adam"),
        "w/Adam_1": tf1.Variable(count(2, 3) * 0, name="w_adam_1"),
        "beta1_power": tf1.Variable(0.9, name="beta1_power"),
    }
    sliced = tf1.get_variable("emb", [10, 4], initializer=tf1.ones_initializer(),
                              partitioner=tf1.fixed_size_partitioner(2))
    saver = tf1.train.Saver({**variables, "emb": sliced})
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        saver.save(session, os.path.join(HERE, "model.ckpt"), write_meta_graph=False, write_state=False)
    with open(os.path.join(HERE, "checkpoint"), "w") as state:
        state.write('model_checkpoint_path: "model.ckpt"\n')


if __name__ == "__main__":
    main()
