#!/usr/bin/env python3
"""Trains the net of this folder the way a TensorFlow 1 script of 2017 did, with the oracle's Python, in about twenty seconds.

    python train.py

Batch norm chosen by a placeholder through tf.cond, with moving averages updated behind control dependencies; dropout with a
keep_prob placeholder; summaries, a global step, Adam. The data (digits.npz) are the 1797 images of
the UCI "Optical Recognition of Handwritten Digits" test set, 8x8 pixels of 0..16, as scikit-learn ships them.
"""
import glob
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_v2_behavior()
tf1.disable_control_flow_v2()
tf1.disable_resource_variables()

HERE = os.path.dirname(os.path.abspath(__file__))


def batch_norm(x, is_training, name):
    with tf1.variable_scope(name):
        channels = int(x.shape[-1])
        beta = tf1.get_variable("beta", [channels], initializer=tf1.zeros_initializer())
        gamma = tf1.get_variable("gamma", [channels], initializer=tf1.ones_initializer())
        moving_mean = tf1.get_variable("moving_mean", [channels], initializer=tf1.zeros_initializer(), trainable=False)
        moving_var = tf1.get_variable("moving_variance", [channels], initializer=tf1.ones_initializer(), trainable=False)
        batch_mean, batch_var = tf.nn.moments(x, list(range(len(x.shape) - 1)), name="moments")

        def train():
            updates = [tf1.assign_sub(moving_mean, 0.1 * (moving_mean - batch_mean)),
                       tf1.assign_sub(moving_var, 0.1 * (moving_var - batch_var))]
            with tf1.control_dependencies(updates):
                return tf.identity(batch_mean), tf.identity(batch_var)

        mean, var = tf1.cond(is_training, train, lambda: (tf.identity(moving_mean), tf.identity(moving_var)))
        return tf1.nn.batch_normalization(x, mean, var, beta, gamma, 1e-3)


def dropout(x, keep_prob):
    """What tf.nn.dropout was until TensorFlow 1.12."""
    with tf1.name_scope("dropout"):
        uniform = tf.raw_ops.RandomUniform(shape=tf.shape(x), dtype=tf.float32, seed=3, seed2=5)
        return tf.math.divide(x, keep_prob) * tf.floor(keep_prob + uniform)


def conv(x, filters, name, is_training):
    with tf1.variable_scope(name):
        w = tf1.get_variable("weights", [3, 3, int(x.shape[-1]), filters],
                             initializer=tf1.truncated_normal_initializer(stddev=0.15, seed=1))
        return tf.nn.relu(batch_norm(tf1.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), is_training, "bn"))


def build():
    x = tf1.placeholder(tf.float32, [None, 8, 8], name="images")
    labels = tf1.placeholder(tf.int64, [None], name="labels")
    keep_prob = tf1.placeholder(tf.float32, [], name="keep_prob")
    is_training = tf1.placeholder(tf.bool, [], name="is_training")
    net = tf.expand_dims(x / 16.0, -1)
    net = conv(net, 12, "conv1", is_training)
    net = tf1.nn.max_pool(net, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    net = conv(net, 24, "conv2", is_training)
    net = tf1.nn.max_pool(net, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    net = dropout(tf.reshape(net, [-1, 2 * 2 * 24]), keep_prob)
    with tf1.variable_scope("logits"):
        w = tf1.get_variable("weights", [96, 10], initializer=tf1.truncated_normal_initializer(stddev=0.1, seed=2))
        logits = tf1.nn.xw_plus_b(net, w, tf1.get_variable("biases", [10], initializer=tf1.zeros_initializer()))
    probabilities = tf.nn.softmax(logits, name="probabilities")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits), name="loss")
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32), name="accuracy")
    tf1.summary.scalar("loss", loss)
    tf1.summary.scalar("accuracy", accuracy)
    tf1.summary.merge_all()
    step = tf1.train.get_or_create_global_step()
    train_op = tf1.train.AdamOptimizer(3e-3).minimize(loss, global_step=step)
    return x, labels, keep_prob, is_training, probabilities, accuracy, train_op


def main():
    data = np.load(os.path.join(HERE, "digits.npz"))
    images, targets = data["images"].astype(np.float32), data["labels"].astype(np.int64)
    tf1.set_random_seed(1)
    x, labels, keep_prob, is_training, probabilities, accuracy, train_op = build()
    saver = tf1.train.Saver()
    order, train = np.random.RandomState(0), slice(0, 1400)
    for old in glob.glob(os.path.join(HERE, "model.ckpt-*")):
        os.remove(old)
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(2000):
            batch = order.randint(0, 1400, 64)
            session.run(train_op, {x: images[batch], labels: targets[batch], keep_prob: 0.7, is_training: True})
        inference = {keep_prob: 1.0, is_training: False}
        print("test accuracy", session.run(accuracy, {x: images[1400:], labels: targets[1400:], **inference}))
        saver.save(session, os.path.join(HERE, "model.ckpt"), global_step=2000, write_state=False)
        sample = images[1400:1408]
        np.savez(os.path.join(HERE, "io.npz"), **{"in:images:0": sample,
                                                  "out:probabilities:0": session.run(probabilities, {x: sample, **inference})})
    with open(os.path.join(HERE, "checkpoint"), "w") as state:
        state.write('model_checkpoint_path: "model.ckpt-2000"\n')


if __name__ == "__main__":
    main()
