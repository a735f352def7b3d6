"""Loads a frozen graph in another tool and runs it: `peer_run.py opencv|opencv-load|openvino|tf2onnx MODEL.pb IN.npz OUT.npz INPUT OUTPUT`.

In a process of its own: the tools do not share one with TensorFlow gladly. IN.npz holds
x in NHWC; OUT.npz gets y (not where the graph is only loaded or converted) and the ops or layers that the tool sees.
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy as np


def opencv(model, x, feed, fetch):
    """OpenCV takes images in NCHW, whatever layout the graph has."""
    import cv2
    net = cv2.dnn.readNetFromTensorflow(model)
    net.setInput(x.transpose(0, 3, 1, 2) if x.ndim == 4 else x)
    return net.forward(), layers(net)


def opencv_load(model, x, feed, fetch):
    import cv2
    return np.zeros(0), layers(cv2.dnn.readNetFromTensorflow(model))


def layers(net):
    return [net.getLayer(net.getLayerId(name)).type for name in net.getLayerNames()]


def openvino(model, x, feed, fetch):
    import openvino
    core = openvino.Core()
    read = core.read_model(model)
    compiled = core.compile_model(read, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return next(iter(compiled([x]).values())), [op.get_type_name() for op in read.get_ops()]


def tf2onnx(model, x, feed, fetch):
    import tensorflow as tf
    import tf2onnx
    graph_def = tf.compat.v1.GraphDef()
    with open(model, "rb") as f:
        graph_def.ParseFromString(f.read())
    made, _ = tf2onnx.convert.from_graph_def(graph_def, input_names=[feed], output_names=[fetch], opset=13)
    return np.zeros(0), [n.op_type for n in made.graph.node]


def main(tool, model, given, result, feed, fetch):
    y, ops = {"opencv": opencv, "opencv-load": opencv_load, "openvino": openvino, "tf2onnx": tf2onnx}[tool](model, np.load(given)["x"], feed, fetch)
    np.savez(result, y=y, ops=np.array(sorted(set(ops))))


if __name__ == "__main__":
    main(*sys.argv[1:])
