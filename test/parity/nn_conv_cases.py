"""Convolutions, their gradients and grey dilation."""
from nn_matmul_cases import numbers
from support import np, tf

FLOATS = ("float32", "float64", "float16", "bfloat16")
# image, filter, strides, dilations, padding
WINDOWS = (
    ((1, 5, 6), (1, 1), 1, 1, "VALID"), ((2, 7, 6), (3, 2), 1, 1, "SAME"), ((2, 7, 6), (3, 2), 2, 1, "SAME"),
    ((2, 7, 6), (3, 2), 2, 1, "VALID"), ((1, 9, 8), (3, 3), 1, 2, "SAME"), ((1, 9, 8), (3, 2), 1, 3, "VALID"),
    ((1, 5, 5), (1, 1), 3, 1, "SAME"), ((2, 4, 4), (5, 4), 1, 1, "SAME"), ((0, 4, 4), (3, 3), 1, 1, "SAME"),
    ((2, 6, 7), (3, 3), 2, 1, (1, 0, 2, 1)), ((1, 12, 11), (3, 4), 2, 2, "SAME"),
)


def window_attributes(strides, dilations, padding, spatial=2):
    attributes = dict(strides=[1] + [strides] * spatial + [1], dilations=[1] + [dilations] * spatial + [1])
    if isinstance(padding, tuple):
        return dict(attributes, padding="EXPLICIT", explicit_paddings=[0, 0, *padding, 0, 0])
    return dict(attributes, padding=padding)


def out_length(size, window, stride, dilation, padding):
    extent = (window - 1) * dilation + 1
    if padding == "SAME":
        return -(-size // stride)
    return (size + (sum(padding) if isinstance(padding, tuple) else 0) - extent + stride) // stride


def out_shape(image, window, stride, dilation, padding):
    sides = [padding[2 * i:2 * i + 2] if isinstance(padding, tuple) else padding for i in range(len(window))]
    return tuple(out_length(image[1 + i], window[i], stride, dilation, sides[i]) for i in range(len(window)))


def add_conv(cases, random):
    for image, window, stride, dilation, padding in WINDOWS:
        attributes = window_attributes(stride, dilation, padding)
        for dtype in FLOATS + ("int32",) if window == (3, 2) else ("float32",):
            for channels, depth, out in ((3, 3, 5), (1, 1, 1), (6, 2, 9), (8, 8, 17)):
                if dtype == "int32" and depth != channels:
                    continue  # TensorFlow has no grouped convolution of integers
                cases.add_both_layouts("Conv2D", ("input", 0), input=numbers(random, image + (channels,), dtype),
                                       filter=numbers(random, window + (depth, out), dtype), **attributes)


def add_gradients(cases, random):
    for image, window, stride, dilation, padding in WINDOWS:
        if not image[0] or image[1] < window[0] and padding == "VALID":
            continue
        attributes = window_attributes(stride, dilation, padding)
        out = out_shape(image, window, stride, dilation, padding)
        for dtype in FLOATS if window == (3, 2) and dilation == 1 else ("float32",):
            x, dy = numbers(random, image + (4,), dtype), numbers(random, image[:1] + out + (5,), dtype)
            f = numbers(random, window + (4, 5), dtype)
            if dilation == 1:  # TensorFlow's own gradients on CPU refuse dilations
                cases.add_both_layouts("Conv2DBackpropInput", ("out_backprop", 0), sizes=("input_sizes",), filter=f,
                                       input_sizes=np.int32(x.shape), out_backprop=dy, **attributes)
                cases.add_both_layouts("Conv2DBackpropFilter", ("input", "out_backprop"), input=x,
                                       filter_sizes=np.int32(f.shape), out_backprop=dy, **attributes)
            if isinstance(padding, tuple):
                continue
            f, dy = numbers(random, window + (4, 2), dtype), numbers(random, image[:1] + out + (8,), dtype)
            if dilation == 1:
                cases.add_both_layouts("DepthwiseConv2dNativeBackpropInput", ("out_backprop", 0), sizes=("input_sizes",),
                                       filter=f, input_sizes=np.int32(x.shape), out_backprop=dy, **attributes)
                cases.add_both_layouts("DepthwiseConv2dNativeBackpropFilter", ("input", "out_backprop"), input=x,
                                       filter_sizes=np.int32(f.shape), out_backprop=dy, **attributes)
    cases.add("Conv2DBackpropInput", input_sizes=np.int32([6, 8]), filter=numbers(random, (3, 3, 4, 2), "float32"),
              out_backprop=numbers(random, (2, 3, 4, 2), "float32"), strides=[1, 2, 2, 1], padding="SAME")
    # Two groups of 2 channels, which TensorFlow lacks on CPU: a dense filter with zeros between the groups.
    f, given = numbers(random, (3, 3, 2, 6), "float32"), dict(
        input_sizes=np.int32([1, 6, 8, 4]), out_backprop=numbers(random, (1, 3, 4, 6), "float32"), strides=[1, 2, 2, 1], padding="SAME")
    dense = np.zeros((3, 3, 4, 6), np.float32)
    dense[:, :, :2, :3], dense[:, :, 2:, 3:] = f[..., :3], f[..., 3:]
    cases.add_pair(("Conv2DBackpropInput", dict(given, filter=dense)), ("Conv2DBackpropInput", dict(given, filter=f)))


def add_depthwise(cases, random):
    for image, window, stride, dilation, padding in WINDOWS:
        attributes = window_attributes(stride, dilation, padding)
        if dilation > 1:
            continue
        for dtype in FLOATS if window == (3, 2) else ("float32",):
            for channels, multiplier in ((3, 1), (4, 2), (1, 3)):
                cases.add_both_layouts("DepthwiseConv2dNative", ("input", 0), input=numbers(random, image + (channels,), dtype),
                                       filter=numbers(random, window + (channels, multiplier), dtype), **attributes)


def inflate(filters, dilation, spatial=2):
    """With zeros between the elements: a dilated filter spelled out."""
    shape = [(n - 1) * dilation + 1 for n in filters.shape[:spatial]]
    result = np.zeros(shape + list(filters.shape[spatial:]), filters.dtype)
    result[(slice(None, None, dilation),) * spatial] = filters
    return result


def add_dilated(cases, random):
    """TensorFlow's own kernels dilate only Conv2D on CPU."""
    for image, window, stride, dilation, padding in WINDOWS:
        if dilation == 1:
            continue
        attributes = window_attributes(stride, dilation, padding)
        plain = dict(attributes, dilations=[1] * 4)
        x, f = numbers(random, image + (4,), "float32"), numbers(random, window + (4, 2), "float32")
        out = image[:1] + out_shape(image, window, stride, dilation, padding)
        cases.add_pair(("DepthwiseConv2dNative", dict(input=x, filter=inflate(f, dilation), **plain)),
                       ("DepthwiseConv2dNative", dict(input=x, filter=f, **attributes)))
        for op, channels in (("Conv2DBackpropInput", 2), ("DepthwiseConv2dNativeBackpropInput", 8)):
            given = dict(input_sizes=np.int32(x.shape), out_backprop=numbers(random, out + (channels,), "float32"))
            cases.add_pair((op, dict(given, filter=inflate(f, dilation), **plain)), (op, dict(given, filter=f, **attributes)))


def add_3d(cases, random):
    for image, window, stride, dilation, padding in (
            ((2, 4, 5, 6), (2, 3, 1), 1, 1, "SAME"), ((1, 5, 5, 6), (2, 3, 2), 2, 1, "SAME"), ((1, 5, 5, 6), (3, 2, 2), 2, 1, "VALID"),
            ((1, 5, 6, 7), (2, 2, 3), 1, 2, "SAME")):
        attributes = window_attributes(stride, dilation, padding, 3)
        out = out_shape(image, window, stride, dilation, padding)
        for dtype in FLOATS:
            x, f = numbers(random, image + (4,), dtype), numbers(random, window + (4, 5), dtype)
            dy = numbers(random, image[:1] + out + (5,), dtype)
            if dilation == 1:
                cases.add_both_layouts("Conv3D", ("input", 0), input=x, filter=f, **attributes)
                cases.add_both_layouts("Conv3DBackpropInputV2", ("out_backprop", 0), sizes=("input_sizes",), filter=f,
                                       input_sizes=np.int32(x.shape), out_backprop=dy, **attributes)
                cases.add_both_layouts("Conv3DBackpropFilterV2", ("input", "out_backprop"), input=x,
                                       bound=0.1 if dtype == "bfloat16" else None,  # TensorFlow rounds each partial sum
                                       filter_sizes=np.int32(f.shape), out_backprop=dy, **attributes)
            else:
                inflated = dict(input=x, filter=inflate(f, dilation, 3), **dict(attributes, dilations=[1] * 5))
                cases.add_pair(("Conv3D", inflated), ("Conv3D", dict(input=x, filter=f, **attributes)))


def add_dilation(cases, random):
    for image, window, stride, rate, padding in WINDOWS:
        if isinstance(padding, tuple):
            continue
        for dtype in FLOATS + ("int32", "uint8", "int64"):
            cases.add("Dilation2D", input=numbers(random, image + (3,), dtype), filter=numbers(random, window + (3,), dtype),
                      strides=[1, stride, stride, 1], rates=[1, rate, rate, 1], padding=padding)


def add(cases, random):
    add_conv(cases, random)
    add_depthwise(cases, random)
    add_gradients(cases, random)
    add_dilated(cases, random)
    add_3d(cases, random)
    add_dilation(cases, random)
