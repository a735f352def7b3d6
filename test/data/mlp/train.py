#!/usr/bin/env python3
"""Trains the perceptron of this folder on the digits of ../digits, with the oracle's Python, in some seconds.

    python train.py
"""
import glob
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_v2_behavior()
tf1.disable_resource_variables()

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 1500


def layer(x, units, name, activation=None):
    with tf1.variable_scope(name):
        w = tf1.get_variable("weights", [int(x.shape[-1]), units], initializer=tf1.truncated_normal_initializer(stddev=0.1, seed=1))
        b = tf1.get_variable("biases", [units], initializer=tf1.zeros_initializer())
        y = tf.matmul(x, w) + b
        return activation(y) if activation else y


def build():
    x = tf1.placeholder(tf.float32, [None, 64], name="pixels")
    labels = tf1.placeholder(tf.int64, [None], name="labels")
    logits = layer(layer(x, 32, "hidden", tf.nn.relu), 10, "logits")
    tf.nn.softmax(logits, name="probabilities")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    return x, labels, tf1.train.GradientDescentOptimizer(0.3).minimize(loss), tf.equal(tf.argmax(logits, 1), labels)


def main():
    data = np.load(os.path.join(HERE, "..", "digits", "digits.npz"))
    images, labels = data["images"].reshape(-1, 64).astype(np.float32) / 16, data["labels"]
    x, y, train, hits = build()
    random = np.random.RandomState(0)
    for old in glob.glob(os.path.join(HERE, "model.ckpt*")):
        os.remove(old)
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(STEPS):
            rows = random.randint(0, 1500, 64)
            session.run(train, {x: images[rows], y: labels[rows]})
        print("unseen images that are read right:", np.mean(session.run(hits, {x: images[1500:], y: labels[1500:]})))
        tf1.train.Saver(save_relative_paths=True).save(session, os.path.join(HERE, "model.ckpt"))


main()
