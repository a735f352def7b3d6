"""Images at other sizes and places, their patches and colours, non-maximum suppression."""
from nn_matmul_cases import numbers
from support import np, tf

REALS = ("float32", "float64", "float16", "bfloat16", "int32", "uint8", "int8", "int64")


def add_resize(cases, random):
    for dtype in REALS:
        for shape in ((2, 5, 7, 3), (1, 1, 1, 2), (1, 4, 1, 1)):
            x = numbers(random, shape, dtype)
            for size in ((5, 7), (10, 14), (3, 2), (1, 1), (9, 4)):
                for options in (dict(), dict(align_corners=True), dict(half_pixel_centers=True)):
                    given = dict(images=x, size=np.int32(size), **options)
                    cases.add("ResizeNearestNeighbor", **given)
                    if dtype != "int64" or shape[0] == 1:
                        cases.add("ResizeBilinear", **given)
                        cases.add("ResizeBicubic", **given)
                    if "half_pixel_centers" not in options and not (options and shape[0] == 1):
                        cases.add("ResizeArea", **given)


def add_warp(cases, random):
    boxes = np.float32([[0, 0, 1, 1], [.2, .3, .7, .9], [-.5, .1, 1.2, .4], [.9, .8, .1, .2], [.5, .5, .5, .5]])
    for dtype in ("float32", "float64", "float16", "int32", "uint8"):
        x = numbers(random, (2, 5, 7, 3), dtype)
        for size in ((4, 4), (1, 1), (9, 1), (2, 11)):
            for method in ("bilinear", "nearest"):
                cases.add("CropAndResize", image=x, boxes=boxes, box_ind=np.int32([0, 1, 1, 0, 1]), crop_size=np.int32(size),
                          method=method, extrapolation_value=2.5)
    for kernel in ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"):
        for scale, shift in (((2, 1.5), (0, 0)), ((.4, .6), (.3, -1)), ((1, 1), (2.5, .5))):
            for antialias in (False, True):
                cases.add("ScaleAndTranslate", images=numbers(random, (2, 7, 8, 2), "float32"), size=np.int32([6, 9]),
                          scale=np.float32(scale), translation=np.float32(shift), kernel_type=kernel, antialias=antialias)
    cases.add("ScaleAndTranslate", images=numbers(random, (2, 7, 8, 2), "uint8"), size=np.int32([6, 9]), scale=np.float32([1.2, .8]),
              translation=np.float32([0, 0]))
    transforms = np.float32([[1, 0, 0, 0, 1, 0, 0, 0], [.8, .2, -1, -.3, 1.1, 2, .01, .02]])
    for dtype in ("float32", "float16", "float64", "uint8", "int32", "int64"):
        x = numbers(random, (2, 6, 5, 3), dtype)
        for interpolation in ("NEAREST", "BILINEAR"):
            for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
                given = dict(images=x, output_shape=np.int32([7, 8]), interpolation=interpolation, fill_mode=mode)
                cases.add("ImageProjectiveTransformV2", transforms=transforms, **given)
                cases.add("ImageProjectiveTransformV3", transforms=transforms[1:], fill_value=np.float32(3), **given)


def add_patches(cases, random):
    for dtype in REALS + ("complex64",):
        x = numbers(random, (2, 7, 6, 3), dtype)
        for window, stride, rate, padding in (((3, 2), 1, 1, "SAME"), ((2, 2), 2, 1, "VALID"), ((3, 2), 2, 2, "SAME"), ((1, 1), 3, 1, "VALID")):
            cases.add("ExtractImagePatches", images=x, ksizes=[1, *window, 1], strides=[1, stride, stride, 1], rates=[1, rate, rate, 1],
                      padding=padding)


def add_colours(cases, random):
    colours = random.random((4, 5, 6, 3))
    colours[0, 0, :, 0] = colours[0, 0, :, 1] = colours[0, 0, :, 2]
    colours[0, 1, 0] = 0
    colours[0, 2, :, 2] = colours[0, 2, :, 1]
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        x = colours.astype(tf.as_dtype(dtype).as_numpy_dtype)
        cases.add("RGBToHSV", images=x, bound=.05 if "16" in dtype else None)
        cases.add("HSVToRGB", images=x, bound=.05 if "16" in dtype else None)
    x = (colours * 3 - 1).astype(np.float32)
    for value in (0, .3, -.4, 1, 2.5):
        cases.add("AdjustContrastv2", images=x, contrast_factor=np.float32(value))
        cases.add("AdjustSaturation", images=np.abs(x), scale=np.float32(abs(value)))
        if abs(value) <= 1:
            cases.add("AdjustHue", images=np.abs(x), delta=np.float32(value))


def add_suppression(cases, random):
    corners = random.random((30, 4)).astype(np.float32)
    corners[20:] = corners[:10] + .02
    corners[3, 2:] = corners[3, :2]
    scores = random.random(30).astype(np.float32)
    scores[5] = scores[6] = scores[7]
    for count in (0, 3, 30):
        for overlap in (0, .3, .7, 1):
            most, limit = np.int32(count), np.float32(overlap)
            given = dict(boxes=corners, scores=scores, max_output_size=most)
            cases.add("NonMaxSuppression", iou_threshold=overlap, **given)
            cases.add("NonMaxSuppressionV2", iou_threshold=limit, **given)
            for score in (-1, .25):
                low = np.float32(score)
                cases.add("NonMaxSuppressionV3", iou_threshold=limit, score_threshold=low, **given)
                cases.add("NonMaxSuppressionV3", iou_threshold=np.float16(limit), score_threshold=np.float16(low), boxes=np.float16(corners),
                          scores=np.float16(scores), max_output_size=most)
                cases.add("NonMaxSuppressionWithOverlaps", overlaps=np.abs(corners @ corners.T) / 4, scores=scores, max_output_size=most,
                          overlap_threshold=limit, score_threshold=low)
                for pad in (False, True):
                    cases.add("NonMaxSuppressionV4", iou_threshold=limit, score_threshold=low, pad_to_max_output_size=pad, **given)
                    for sigma in (0, .5):
                        cases.add("NonMaxSuppressionV5", iou_threshold=limit, score_threshold=low, soft_nms_sigma=np.float32(sigma),
                                  pad_to_max_output_size=pad, **given)


def add(cases, random):
    add_resize(cases, random)
    add_warp(cases, random)
    add_patches(cases, random)
    add_colours(cases, random)
    add_suppression(cases, random)
