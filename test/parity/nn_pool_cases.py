"""The largest element, or the mean, of a window."""
from nn_conv_cases import FLOATS
from nn_matmul_cases import numbers
from support import np

# image, window, strides, padding
WINDOWS = (
    ((2, 7, 6), (3, 2), 1, "SAME"), ((2, 7, 6), (3, 2), 2, "SAME"), ((2, 7, 6), (3, 2), 2, "VALID"), ((1, 9, 8), (1, 1), 2, "SAME"),
    ((1, 5, 5), (2, 2), 3, "SAME"), ((1, 5, 5), (2, 2), 3, "VALID"), ((2, 4, 4), (5, 4), 1, "SAME"), ((0, 4, 4), (3, 3), 1, "SAME"),
    ((2, 6, 7), (3, 3), 2, (1, 0, 2, 1)),
)


def add(cases, random):
    x = numbers(random, (1, 4, 4, 2), "float32")
    x[0, 1, 1, 0], x[0, 2, 3, 1], x[0, 0, 0, 1] = np.nan, np.inf, -np.inf
    for op, images in (("MaxPool", "input"), ("AvgPool", "value"), ("MaxPoolWithArgmax", "input")):
        cases.add(op, **{images: x}, ksize=[1, 2, 2, 1], strides=[1, 1, 1, 1], padding="VALID")
    for image, window, stride, padding in WINDOWS:
        attributes = dict(ksize=[1, *window, 1], strides=[1, stride, stride, 1], padding=padding)
        for dtype in FLOATS + ("int32", "uint8", "int64", "int8", "int16", "uint16"):
            x = numbers(random, image + (5,), dtype)
            if isinstance(padding, tuple):
                explicit = dict(attributes, padding="EXPLICIT", explicit_paddings=[0, 0, *padding, 0, 0])
                cases.add_both_layouts("MaxPool", ("input", 0), input=x, **explicit)
                continue
            cases.add_both_layouts("MaxPool", ("input", 0), input=x, **attributes)
            for across in (False, True) if image[0] else ():
                cases.add("MaxPoolWithArgmax", input=np.round(x), include_batch_in_index=across, **attributes)
            if dtype in FLOATS:
                cases.add_both_layouts("AvgPool", ("value", 0), value=x, **attributes)
        if not isinstance(padding, tuple):
            cases.add_both_layouts("MaxPoolV2", ("input", 0), sizes=("ksize", "strides"), input=x, padding=padding,
                                   ksize=np.int32([1, *window, 1]), strides=np.int32([1, stride, stride, 1]))
    cases.add("MaxPool", input=numbers(random, (2, 3, 4, 6), "float32"), ksize=[1, 1, 1, 3], strides=[1, 1, 1, 3], padding="SAME")
    for stride, padding in ((1, "SAME"), (2, "SAME"), (2, "VALID")):
        for dtype in ("float32", "bfloat16"):
            x = numbers(random, (2, 4, 5, 6, 3), dtype)
            attributes = dict(ksize=[1, 2, 3, 2, 1], strides=[1, stride, stride, stride, 1], padding=padding)
            cases.add_both_layouts("MaxPool3D", ("input", 0), input=x, **attributes)
            cases.add_both_layouts("AvgPool3D", ("input", 0), input=x, **attributes)
