// Sound: DecodeWav, AudioSpectrogram, Mfcc.
#include <cmath>

#include "compiler/reference/ops/Fourier.h"
#include "compiler/reference/ops/Ops.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

constexpr double kPi = 3.14159265358979323846;

// What a WAV file of 16-bit samples holds.
struct Wav {
  uint16_t channels = 0;
  uint32_t rate = 0;
  llvm::StringRef samples; // little-endian, a sample of each channel in turn

  int64_t count() const { return samples.size() / (2 * channels); }
  float sample(int64_t index, int64_t channel) const {
    const char *at = samples.data() + 2 * (index * channels + channel);
    return static_cast<int16_t>(llvm::support::endian::read16le(at)) / 32768.0f;
  }
};

// Reads the chunk "fmt "; false where it is not of 16-bit samples.
bool readFormat(llvm::StringRef chunk, Wav &wav) {
  using namespace llvm::support::endian;
  if (chunk.size() < 16)
    return false;
  uint16_t coding = read16le(chunk.data()), bits = read16le(chunk.data() + 14);
  wav.channels = read16le(chunk.data() + 2);
  wav.rate = read32le(chunk.data() + 4);
  constexpr uint16_t kPcm = 1;
  return coding == kPcm && bits == 16 && wav.channels > 0 && wav.rate <= INT32_MAX;
}

std::optional<Wav> readWav(llvm::StringRef contents) {
  Wav wav;
  if (!contents.starts_with("RIFF") || contents.substr(8, 4) != "WAVE")
    return std::nullopt;
  for (llvm::StringRef rest = contents.drop_front(12); rest.size() >= 8;) {
    llvm::StringRef name = rest.take_front(4);
    uint32_t size = llvm::support::endian::read32le(rest.data() + 4);
    rest = rest.drop_front(8);
    if (size > rest.size())
      return std::nullopt;
    llvm::StringRef chunk = rest.take_front(size);
    if (name == "fmt " && !readFormat(chunk, wav))
      return std::nullopt;
    if (name == "data") {
      wav.samples = chunk;
      return wav.channels ? std::optional(wav) : std::nullopt;
    }
    rest = rest.drop_front(size);
  }
  return std::nullopt;
}

// Cut or padded with silence to the samples asked for, channels beyond the last repeating it.
void decodeWav(Evaluation &e) {
  if (e.input(0).rank() != 0)
    return e.fail("expected one file's contents, got " + e.input(0).text());
  std::optional<Wav> wav = readWav(e.input(0).values<std::string>().front());
  if (!wav)
    return e.fail("expected the contents of a WAV file of 16-bit samples, got others");
  int64_t channels = e.integer("desired_channels"), count = e.integer("desired_samples");
  channels = channels < 0 ? wav->channels : channels;
  count = count < 0 ? wav->count() : count;
  Tensor audio = e.make(0, DT_FLOAT, {count, channels});
  if (e.failed())
    return;
  auto out = audio.mutableValues<float>();
  for (int64_t i = 0; i < std::min(count, wav->count()); ++i)
    for (int64_t c = 0; c < channels; ++c)
      out[i * channels + c] = wav->sample(i, std::min<int64_t>(c, wav->channels - 1));
  e.give(1, makeScalar<int32_t>(DT_INT32, wav->rate));
}

// Squares of the sizes of the frequencies of windows of `input` [samples, channels], which become
// [channels, windows, frequencies].
void audioSpectrogram(Evaluation &e) {
  const Tensor &input = e.input(0);
  int64_t window = e.integer("window_size"), stride = e.integer("stride");
  if (input.rank() != 2 || window < 2 || window > INT32_MAX || stride < 1)
    return e.fail("expected samples of channels, a window of at least 2 and a stride, got " +
                  input.text() + ", " + llvm::Twine(window) + " and " + llvm::Twine(stride));
  int64_t samples = input.dim(0), channels = input.dim(1), size = llvm::bit_ceil<uint64_t>(window);
  int64_t windows = samples < window ? 0 : 1 + (samples - window) / stride, half = size / 2 + 1;
  Tensor result = e.make(0, DT_FLOAT, {channels, windows, half});
  if (e.failed())
    return;
  bool isSquared = e.flag("magnitude_squared");
  std::vector<std::complex<double>> values(size);
  float *out = result.mutableValues<float>().data();
  for (int64_t at = 0; at < channels * windows; ++at, out += half) {
    int64_t channel = at / windows, first = at % windows * stride;
    std::fill(values.begin(), values.end(), 0);
    for (int64_t i = 0; i < window; ++i)
      values[i] = input.values<float>()[(first + i) * channels + channel] *
                  (0.5 - 0.5 * std::cos(2 * kPi * i / window));
    fourierTransform(values, false);
    for (int64_t k = 0; k < half; ++k) {
      float square = std::norm(values[k]);
      out[k] = isSquared ? square : std::sqrt(square);
    }
  }
}

double melOf(double frequency) { return 1127 * std::log1p(frequency / 700); }

// Overlapping triangles, evenly spaced on the mel scale, over the frequencies of a spectrum.
class MelFilters {
public:
  MelFilters(int64_t bins, double rate, double lower, double upper, int64_t count)
      : lowest(melOf(lower)), spacing((melOf(upper) - lowest) / (count + 1)), count(count) {
    double binWidth = rate / 2 / (bins - 1);
    firstBin = static_cast<int64_t>(1.5 + lower / binWidth);
    lastBin = std::min(static_cast<int64_t>(upper / binWidth), bins - 1);
    for (int64_t bin = firstBin; bin <= lastBin; ++bin)
      mels.push_back(melOf(bin * binWidth));
  }

  // The sums of the sizes under each triangle; `squares` are the frequencies' squared.
  std::vector<double> apply(llvm::ArrayRef<float> squares) const {
    std::vector<double> sums(count, 0);
    int64_t filter = -1; // the last whose peak lies below the frequency
    for (int64_t bin = firstBin; bin <= lastBin; ++bin) {
      double mel = mels[bin - firstBin], size = std::sqrt(static_cast<double>(squares[bin]));
      while (filter + 1 < count && peak(filter + 1) < mel)
        ++filter;
      double share = (peak(filter + 1) - mel) / spacing; // falls from one to the next
      if (filter >= 0)
        sums[filter] += size * share;
      if (filter + 1 < count)
        sums[filter + 1] += size * (1 - share);
    }
    return sums;
  }

private:
  double peak(int64_t filter) const { return lowest + spacing * (filter + 1); }

  double lowest, spacing;
  int64_t count, firstBin, lastBin;
  std::vector<double> mels;
};

// The first `count` coefficients of the cosine transform of `values`.
void cosineTransform(llvm::ArrayRef<double> values, llvm::MutableArrayRef<float> coefficients) {
  double size = values.size(), norm = std::sqrt(2 / size);
  for (size_t k = 0; k < coefficients.size(); ++k) {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i)
      sum += norm * std::cos(k * kPi / size * (i + 0.5)) * values[i];
    coefficients[k] = sum;
  }
}

void mfcc(Evaluation &e) {
  const Tensor &spectra = e.input(0), &rate = e.input(1);
  int64_t filters = e.integer("filterbank_channel_count");
  int64_t coefficients = e.integer("dct_coefficient_count");
  double lower = e.real("lower_frequency_limit"), upper = e.real("upper_frequency_limit");
  if (spectra.rank() != 3 || spectra.dim(2) < 2 || rate.rank() != 0 || rate.scalar<int32_t>() <= 0)
    return e.fail("expected spectra of windows of channels and a rate above 0, got " +
                  spectra.text() + " and " + rate.text());
  if (filters < 1 || coefficients < 1 || coefficients > filters || !(lower >= 0) ||
      !(upper > lower))
    return e.fail("expected as many filters as coefficients and limits that rise, got " +
                  llvm::Twine(filters) + ", " + llvm::Twine(coefficients) + ", " +
                  std::to_string(lower) + " and " + std::to_string(upper));
  int64_t bins = spectra.dim(2);
  Tensor result = e.make(0, DT_FLOAT, {spectra.dim(0), spectra.dim(1), coefficients});
  if (e.failed())
    return;
  MelFilters melFilters(bins, rate.scalar<int32_t>(), lower, upper, filters);
  for (int64_t i = 0; i < spectra.dim(0) * spectra.dim(1); ++i) {
    std::vector<double> sums = melFilters.apply(spectra.values<float>().slice(i * bins, bins));
    for (double &sum : sums)
      sum = std::log(std::max(sum, 1e-12));
    cosineTransform(sums, result.mutableValues<float>().slice(i * coefficients, coefficients));
  }
}

constexpr KernelEntry kKernels[] = {
    {"DecodeWav", decodeWav},
    {"AudioSpectrogram", audioSpectrogram},
    {"Mfcc", mfcc},
};

} // namespace

KernelList audioKernels() { return kKernels; }

} // namespace firn::reference
