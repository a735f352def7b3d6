// The runtime of compiled models for C++17 and later: owners and views over firn/runtime.h, in this
// header alone. What that header says of threads, lifetimes and trust holds here as well.
//
//   auto module = firn::Module::Open("model.firn");
//   if (!module)
//     return puts(module.message());
//   firn::Context context = firn::Context::Create(*module).value(); // throws, or ends the program
//   std::vector<float> pixels(8 * 224 * 224 * 3);
//   context.SetDims("x", {8, 224, 224, 3}).value();                 // where dims are dynamic
//   context.SetInput<float>("x", pixels).value();                   // no copy: pixels must stay
//   if (firn::Status status = context.Run(); !status.ok())
//     return puts(status.message());
//   firn::Result<firn::Tensor<float>> prob = context.Output<float>("prob");
//   for (float p : prob->values())                                  // until the next Prepare()
//     …
//
// Errors are values. Where a program would rather have exceptions, `value()` of a Result and of a
// Status throws firn::Error; without exceptions (-fno-exceptions, or FIRN_EXCEPTIONS defined as 0)
// it prints the message and aborts. Nothing here allocates.
//
// Functions that do something begin with a capital, as Run(); what only tells is small, as size().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <iterator>
#include <new>
#include <type_traits>
#include <utility>

#include "firn/runtime.h"

#ifndef FIRN_EXCEPTIONS
#ifdef __cpp_exceptions
#define FIRN_EXCEPTIONS 1
#else
#define FIRN_EXCEPTIONS 0
#endif
#endif

#if FIRN_EXCEPTIONS
#include <exception>
#endif
#if __cplusplus >= 202002L
#include <span>
#endif

namespace firn {

// ---- Errors ----

/// What became of something that can fail: a code, and one line for people where it is not FIRN_OK.
class [[nodiscard]] Status {
public:
  Status() noexcept : raw_{} {}
  explicit Status(const firn_status &raw) noexcept : raw_(raw) {}

  bool ok() const noexcept { return raw_.code == FIRN_OK; }
  firn_code code() const noexcept { return raw_.code; }
  const char *message() const noexcept { return raw_.message; }
  /// Throws firn::Error, or aborts without exceptions, unless it is ok().
  void value() const;
  /// For calls of the C API.
  firn_status *raw() noexcept { return &raw_; }

private:
  firn_status raw_;
};

#if FIRN_EXCEPTIONS
class Error : public std::exception {
public:
  explicit Error(const Status &status) noexcept : status_(status) {}
  const char *what() const noexcept override { return status_.message(); }
  firn_code code() const noexcept { return status_.code(); }
  const Status &status() const noexcept { return status_; }

private:
  Status status_;
};
#endif

namespace detail {
// Inlined into whoever asks, as files of one program may differ in FIRN_EXCEPTIONS.
[[noreturn, gnu::always_inline]] inline void Fail(const Status &status) {
#if FIRN_EXCEPTIONS
  throw Error(status);
#else
  std::fprintf(stderr, "firn: error: %s\n", status.message());
  std::abort();
#endif
}
} // namespace detail

[[gnu::always_inline]] inline void Status::value() const {
  if (!ok())
    detail::Fail(*this);
}

/// A T, or the Status that says why there is none. `*result` and `result->` ask for a T to be
/// there.
template <class T> class [[nodiscard]] Result {
public:
  Result(T value) noexcept : value_(std::move(value)) {}
  Result(const Status &failure) noexcept : status_(failure) {}
  Result(Result &&other) noexcept : status_(other.status_) {
    if (ok())
      new (&value_) T(std::move(other.value_));
  }
  Result &operator=(Result &&other) noexcept {
    if (this != &other) {
      this->~Result();
      new (this) Result(std::move(other));
    }
    return *this;
  }
  ~Result() {
    if (ok())
      value_.~T();
  }

  bool ok() const noexcept { return status_.ok(); }
  explicit operator bool() const noexcept { return ok(); }
  const Status &status() const noexcept { return status_; }
  firn_code code() const noexcept { return status_.code(); }
  const char *message() const noexcept { return status_.message(); }

  /// The T; where there is none it throws firn::Error, or aborts without exceptions.
  [[gnu::always_inline]] T &value() & {
    status_.value();
    return value_;
  }
  [[gnu::always_inline]] const T &value() const & {
    status_.value();
    return value_;
  }
  [[gnu::always_inline]] T value() && {
    status_.value();
    return std::move(value_);
  }

  T &operator*() & noexcept { return value_; }
  const T &operator*() const & noexcept { return value_; }
  T operator*() && noexcept { return std::move(value_); }
  T *operator->() noexcept { return &value_; }
  const T *operator->() const noexcept { return &value_; }

private:
  Status status_;
  union {
    T value_;
  };
};

// ---- Memory ----

template <class T> class Span;

namespace detail {
// Whether C keeps its elements one after another, in a form that a Span<T> can be of.
template <class C, class T>
using DataOf = std::enable_if_t<
    std::is_convertible<std::remove_pointer_t<decltype(std::data(std::declval<C &>()))> (*)[],
                        T (*)[]>::value &&
    std::is_convertible<decltype(std::size(std::declval<C &>())), std::size_t>::value>;
} // namespace detail

/// Elements that somebody else owns. One type in every version of C++; made from whatever has
/// data() and size(), std::span among it, and std::span is made from it.
template <class T> class Span {
public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;
  using size_type = std::size_t;
  using iterator = T *;

  constexpr Span() noexcept = default;
  constexpr Span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
  template <class C, class = detail::DataOf<C, T>>
  constexpr Span(C &&container) noexcept
      : data_(std::data(container)), size_(std::size(container)) {}
  /// For arguments: the list lives as long as the call.
  template <class U = T, class = std::enable_if_t<std::is_const<U>::value>>
  constexpr Span(std::initializer_list<value_type> list) noexcept : size_(list.size()) {
    data_ = list.begin();
  }

  constexpr T *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr std::size_t size_bytes() const noexcept { return size_ * sizeof(T); }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T &operator[](std::size_t index) const noexcept { return data_[index]; }
  constexpr T *begin() const noexcept { return data_; }
  constexpr T *end() const noexcept { return data_ + size_; }

private:
  T *data_ = nullptr;
  std::size_t size_ = 0;
};

/// Elements of 16 bits that C++17 has no type for.
struct Half {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};

/// The element type of a C++ type. Specialise it for types of the same layout: std::complex<float>
/// as FIRN_COMPLEX64, a half of your own as FIRN_HALF.
template <class T> struct DTypeOf;
// clang-format off
template <> struct DTypeOf<float> { static constexpr firn_dtype value = FIRN_FLOAT; };
template <> struct DTypeOf<double> { static constexpr firn_dtype value = FIRN_DOUBLE; };
template <> struct DTypeOf<std::int8_t> { static constexpr firn_dtype value = FIRN_INT8; };
template <> struct DTypeOf<std::int16_t> { static constexpr firn_dtype value = FIRN_INT16; };
template <> struct DTypeOf<std::int32_t> { static constexpr firn_dtype value = FIRN_INT32; };
template <> struct DTypeOf<std::int64_t> { static constexpr firn_dtype value = FIRN_INT64; };
template <> struct DTypeOf<std::uint8_t> { static constexpr firn_dtype value = FIRN_UINT8; };
template <> struct DTypeOf<std::uint16_t> { static constexpr firn_dtype value = FIRN_UINT16; };
template <> struct DTypeOf<std::uint32_t> { static constexpr firn_dtype value = FIRN_UINT32; };
template <> struct DTypeOf<std::uint64_t> { static constexpr firn_dtype value = FIRN_UINT64; };
template <> struct DTypeOf<bool> { static constexpr firn_dtype value = FIRN_BOOL; };
template <> struct DTypeOf<Half> { static constexpr firn_dtype value = FIRN_HALF; };
template <> struct DTypeOf<BFloat16> { static constexpr firn_dtype value = FIRN_BFLOAT16; };
// clang-format on

using Dims = Span<const std::int64_t>;

/// A tensor in memory that somebody else owns; T may be const.
template <class T> class Tensor {
public:
  Tensor() noexcept = default;
  Tensor(Span<T> values, Dims dims) noexcept : values_(values), dims_(dims) {}

  Span<T> values() const noexcept { return values_; }
  Dims dims() const noexcept { return dims_; }
  T *data() const noexcept { return values_.data(); }
  std::size_t size() const noexcept { return values_.size(); }
  T &operator[](std::size_t index) const noexcept { return values_[index]; }
  T *begin() const noexcept { return values_.begin(); }
  T *end() const noexcept { return values_.end(); }

private:
  Span<T> values_;
  Dims dims_;
};

/// The same, of an element type that is only known when the program runs.
class TensorView {
public:
  explicit TensorView(const firn_tensor &raw) noexcept : raw_(raw) {}

  firn_dtype dtype() const noexcept { return raw_.dtype; }
  Dims dims() const noexcept { return {raw_.dims, raw_.rank}; }
  void *data() const noexcept { return raw_.data; }
  std::size_t size_bytes() const noexcept { return raw_.bytes; }
  /// Its values, if T is what it holds; none otherwise.
  template <class T> Span<T> As() const noexcept {
    if (raw_.dtype != DTypeOf<std::remove_const_t<T>>::value)
      return {};
    return {static_cast<T *>(raw_.data), raw_.bytes / sizeof(T)};
  }

private:
  firn_tensor raw_;
};

// ---- Modules and contexts ----

/// What a model takes or gives; lives as long as its module. A dynamic dimension is -1.
class Port {
public:
  explicit Port(const firn_port *raw) noexcept : raw_(raw) {}
  const char *name() const noexcept { return raw_->name; }
  firn_dtype dtype() const noexcept { return raw_->dtype; }
  Dims dims() const noexcept { return {raw_->dims, raw_->rank}; }

private:
  const firn_port *raw_;
};

/// A model, checked and ready. Any number of threads may use it at once. Contexts made of it may
/// outlive it.
class Module {
public:
  using Options = firn_open_options;

  static Result<Module> Open(const char *path, Options options = {}) noexcept {
    Status status;
    firn_module *raw = nullptr;
    firn_module_open(path, &options, &raw, status.raw());
    return From(raw, status);
  }
  /// From 64-byte aligned memory that outlives the module and its contexts.
  static Result<Module> OpenMemory(const void *data, std::size_t size,
                                   Options options = {}) noexcept {
    Status status;
    firn_module *raw = nullptr;
    firn_module_open_memory(data, size, &options, &raw, status.raw());
    return From(raw, status);
  }
  /// What `firn embed` has made part of this program.
  static Result<Module> OpenStatic(const firn_static_module &model, Options options = {}) noexcept {
    Status status;
    firn_module *raw = nullptr;
    firn_module_open_static(&model, &options, &raw, status.raw());
    return From(raw, status);
  }

  /// Takes what the C API gave; may be null.
  explicit Module(firn_module *raw) noexcept : raw_(raw) {}
  Module(Module &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Module &operator=(Module &&other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Module() { firn_module_close(raw_); }

  std::uint32_t input_count() const noexcept { return firn_module_input_count(raw_); }
  std::uint32_t output_count() const noexcept { return firn_module_output_count(raw_); }
  Port input(std::uint32_t index) const noexcept { return Port(firn_module_input(raw_, index)); }
  Port output(std::uint32_t index) const noexcept { return Port(firn_module_output(raw_, index)); }
  /// The x86-64 level of the code in use: 2, 3, 4.
  std::uint32_t cpu_level() const noexcept { return firn_module_cpu_level(raw_); }
  firn_module *get() const noexcept { return raw_; }

private:
  static Result<Module> From(firn_module *raw, const Status &status) noexcept {
    if (!status.ok())
      return status;
    return Module(raw);
  }
  firn_module *raw_;
};

/// Memory and threads for one run at a time.
class Context {
public:
  using Options = firn_context_options;

  static Result<Context> Create(const Module &module, Options options = {}) noexcept {
    Status status;
    firn_context *raw = nullptr;
    if (firn_context_create(module.get(), &options, &raw, status.raw()))
      return status;
    return Context(raw);
  }

  /// Takes what the C API gave; may be null.
  explicit Context(firn_context *raw) noexcept : raw_(raw) {}
  Context(Context &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Context &operator=(Context &&other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Context() {
    if (raw_)
      firn_context_destroy(raw_);
  }

  /// Takes effect in the next Prepare() or Run().
  Status SetDims(const char *input, Dims dims) noexcept {
    Status status;
    firn_set_input_dims(raw_, input, dims.data(), static_cast<std::uint32_t>(dims.size()),
                        status.raw());
    return status;
  }
  /// The values are read in every Run() until others are set.
  template <class T> Status SetInput(const char *input, Span<const T> values) noexcept {
    return SetInput(input, DTypeOf<T>::value, values.data(), values.size_bytes());
  }
  Status SetInput(const char *input, firn_dtype dtype, const void *data,
                  std::size_t bytes) noexcept {
    Status status;
    firn_set_input(raw_, input, dtype, data, bytes, status.raw());
    return status;
  }
  /// Run() writes the output there, until other memory is set; an empty span: the context's again.
  template <class T> Status SetOutput(const char *output, Span<T> values) noexcept {
    return SetOutput(output, DTypeOf<T>::value, values.data(), values.size_bytes());
  }
  Status SetOutput(const char *output, firn_dtype dtype, void *data, std::size_t bytes) noexcept {
    Status status;
    firn_set_output(raw_, output, dtype, data, bytes, status.raw());
    return status;
  }

  /// Makes all memory for the dims of the inputs; Run() does it where dims have changed.
  Status Prepare() noexcept {
    Status status;
    firn_prepare(raw_, status.raw());
    return status;
  }
  Status Run() noexcept {
    Status status;
    firn_run(raw_, status.raw());
    return status;
  }

  /// What Run() left, where it lies: until the next Prepare(), SetOutput() or the context's end.
  Result<TensorView> Output(const char *output) const noexcept {
    Status status;
    firn_tensor raw;
    if (firn_get_output(raw_, output, &raw, status.raw()))
      return status;
    return TensorView(raw);
  }
  /// The same, of values of a type; FIRN_INVALID where it holds others.
  template <class T> Result<Tensor<T>> Output(const char *output) const noexcept;

  firn_memory memory() const noexcept { return firn_context_memory(raw_); }
  std::uint32_t threads() const noexcept { return firn_context_threads(raw_); }
  firn_context *get() const noexcept { return raw_; }

private:
  firn_context *raw_;
};

template <class T> Result<Tensor<T>> Context::Output(const char *output) const noexcept {
  Result<TensorView> view = Output(output);
  if (!view)
    return view.status();
  constexpr firn_dtype expected = DTypeOf<std::remove_const_t<T>>::value;
  if (view->dtype() != expected) {
    Status status;
    status.raw()->code = FIRN_INVALID;
    std::snprintf(status.raw()->message, sizeof status.raw()->message,
                  "output '%s': expected dtype %s, got %s", output, firn_dtype_name(view->dtype()),
                  firn_dtype_name(expected));
    return status;
  }
  return Tensor<T>(view->template As<T>(), view->dims());
}

} // namespace firn

#if __cplusplus >= 202002L
// A view may be made from a temporary Span: what it points to belongs to somebody else.
template <class T> inline constexpr bool std::ranges::enable_borrowed_range<firn::Span<T>> = true;
#endif
