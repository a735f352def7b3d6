"""Segments, orders, equal elements, boxes."""
from elementwise_cases import FLOATS, filled
from nn_matmul_cases import numbers
from support import np, tf

REALS = FLOATS + ("int32", "int64", "uint8", "int16")


def add_segments(cases, random):
    for op in ("Sum", "Prod", "Max", "Min", "Mean"):
        for dtype in ("float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8"):
            bound = .1 if dtype in FLOATS[2:] else None
            x = filled(random, (6, 3), dtype, -3, 4)
            if op != "Mean" or dtype in FLOATS:
                cases.add("Segment" + op, data=x, segment_ids=np.int32([0, 0, 1, 3, 3, 3]), bound=bound)
            if op != "Mean":
                for index in ("int32", "int64"):
                    cases.add("UnsortedSegment" + op, data=x, segment_ids=np.array([2, 0, -1, 2, 4, 2], index), num_segments=np.int32(5),
                              bound=bound)
                cases.add("UnsortedSegment" + op, data=x, segment_ids=np.int32([[2, 0, 1], [2, 4, 2], [0, 0, 0], [1, 1, -3], [4, 4, 4], [2, 2, 2]]),
                          num_segments=np.int32(6), bound=bound)
    for dtype in ("float32", "float64", "int32", "int64"):
        values = np.int32([1, 3, 1, 7, 0, 9])
        cases.add("Bincount", arr=values, size=np.int32(8), weights=filled(random, (6,), dtype))
        cases.add("Bincount", arr=values, size=np.int32(8), weights=np.zeros((0,), dtype))


def add_orders(cases, random):
    for dtype in REALS:
        x = filled(random, (4, 9), dtype)
        for k in (0, 1, 3, 9):
            cases.add("TopKV2", input=x, k=np.int32(k), sorted=True)
        cases.add("TopKV2", input=x, k=np.int32(4), sorted=False)
        for reverse in (False, True):
            cases.add("NthElement", input=x, n=np.int32(3), reverse=reverse)
    for dtype in ("float32", "int32", "int64"):
        rows = np.sort(filled(random, (3, 20), dtype), 1)
        for op in ("LowerBound", "UpperBound"):
            for to in (tf.int32, tf.int64):
                cases.add(op, sorted_inputs=rows, values=filled(random, (3, 7), dtype), out_type=to)


def add_equal(cases, random):
    for dtype in FLOATS[:3] + ("int32", "int64", "uint8", "bool"):
        x = filled(random, (30,), dtype, -3, 4)
        if dtype in FLOATS:
            x = np.round(x) + np.array(0, x.dtype)  # TensorFlow tells the zeros of float16 apart, those of float32 not
        for to in (tf.int32, tf.int64):
            cases.add("Unique", x=x, out_idx=to)
            cases.add("UniqueWithCounts", x=x, out_idx=to)
            if dtype != "bool":
                cases.add("ListDiff", x=x, y=x[:3], out_idx=to)
        rows = np.stack([x[:15] % 2 if dtype != "bool" else x[:15], x[15:] % 2 if dtype != "bool" else x[15:]], 1)
        for axis in ([], [0], [1]):
            cases.add("UniqueV2", x=rows if axis else x, axis=np.array(axis, np.int64))
        cases.add("UniqueWithCountsV2", x=rows, axis=np.int64([0]))
    cases.add("Unique", x=np.float32([0, -0.0, 1, 0]))
    for dtype in FLOATS + ("int32", "bool", "complex64"):
        for shape in ((7,), (3, 4), (2, 3, 2)):
            x = filled(random, shape, dtype, -1, 2)
            x[0] = 0
            cases.add("Where", condition=x)


def add_boxes(cases, random):
    corners = np.sort(random.uniform(0, 1, (40, 2, 2)), 1).reshape(40, 4).astype(np.float32)
    scores = random.uniform(0, 1, 40).astype(np.float32)
    limit, count = np.float32(.3), np.int32(12)
    cases.add("NonMaxSuppression", boxes=corners, scores=scores, max_output_size=count, iou_threshold=.4)
    cases.add("NonMaxSuppressionV2", boxes=corners, scores=scores, max_output_size=count, iou_threshold=limit)
    cases.add("NonMaxSuppressionV3", boxes=corners, scores=scores, max_output_size=count, iou_threshold=limit, score_threshold=np.float32(.5))
    for pad in (False, True):
        cases.add("NonMaxSuppressionV4", boxes=corners, scores=scores, max_output_size=np.int32(50), iou_threshold=limit,
                  score_threshold=np.float32(.2), pad_to_max_output_size=pad)
        cases.add("NonMaxSuppressionV5", boxes=corners, scores=scores, max_output_size=count, iou_threshold=np.float32(1),
                  score_threshold=np.float32(.2), soft_nms_sigma=np.float32(.4), pad_to_max_output_size=pad)
    overlaps = random.uniform(0, 1, (40, 40)).astype(np.float32)
    cases.add("NonMaxSuppressionWithOverlaps", overlaps=overlaps, scores=scores, max_output_size=count, overlap_threshold=limit,
              score_threshold=np.float32(.1))


ALL = (add_segments, add_orders, add_equal, add_boxes)
