"""Sound: files, spectra, cepstra."""
import struct

from nn_matmul_cases import numbers
from support import np


def wav(samples, rate, extra=b""):
    """A WAV file of 16-bit `samples` [count, channels]; `extra` stands before its samples."""
    count, channels = samples.shape
    form = struct.pack("<HHIIHH", 1, channels, rate, 2 * channels * rate, 2 * channels, 16)
    data = samples.astype("<i2").tobytes()
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + extra + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def add_wav(cases, random):
    for channels in (1, 2, 3):
        samples = random.integers(-32768, 32768, (20, channels))
        for extra in (b"", b"LIST" + struct.pack("<I", 6) + b"abcdef"):
            contents = wav(samples, 8000, extra)
            for wanted in (-1, 1, 2, 4):
                for count in (-1, 7, 33):
                    cases.add("DecodeWav", contents=np.array(contents), desired_channels=wanted, desired_samples=count)
    for broken in (b"", b"RIFF", contents[:30], contents[:-5], contents.replace(b"WAVE", b"WAVY"), contents.replace(b"fmt ", b"fnt ")):
        cases.add("DecodeWav", contents=np.array(broken))


def add_spectra(cases, random):
    for shape in ((100, 1), (64, 2), (9, 1)):
        x = numbers(random, shape, "float32")
        for window, stride in ((16, 8), (20, 10), (33, 1), (64, 64)):
            for squared in (False, True):
                cases.add("AudioSpectrogram", input=x, window_size=window, stride=stride, magnitude_squared=squared)
    for bins, rate in ((257, 16000), (65, 8000), (513, 44100)):
        spectrum = np.abs(numbers(random, (2, 3, bins), "float32"))
        spectrum[0, 0] = 0
        for low, high, filters, count in ((20, 4000, 40, 13), (100, 3500.5, 7, 7), (0, 4000, 20, 10)):
            cases.add("Mfcc", spectrogram=spectrum, sample_rate=np.int32(rate), lower_frequency_limit=low, upper_frequency_limit=high,
                      filterbank_channel_count=filters, dct_coefficient_count=count)


def add(cases, random):
    add_wav(cases, random)
    add_spectra(cases, random)
