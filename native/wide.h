/**
 * A handful of doubles at once, and the elementary functions over them.
 *
 * Everything is a template over V, which is `double` or `Wide`, so a row of functions.h is written
 * once and runs both ways. No branches: both sides of a choice are computed and one is selected.
 */
#ifndef SETPOINT_WIDE_H
#define SETPOINT_WIDE_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace setpoint {

#if defined(__AVX512F__)
constexpr int kLanes = 8;
#elif defined(__AVX__)
constexpr int kLanes = 4;
#else
constexpr int kLanes = 2;
#endif

/** Vector registers of the CPU. */
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRegisters = 32;
#else
constexpr int kRegisters = 16;
#endif

typedef double Wide __attribute__((vector_size(kLanes * sizeof(double))));
/** Half of a Wide where that has eight lanes, for what is left of a row of twelve; else the same. */
constexpr int kNarrowLanes = kLanes < 4 ? kLanes : 4;
typedef double Narrow __attribute__((vector_size(kNarrowLanes * sizeof(double))));
typedef std::int64_t WideInteger __attribute__((vector_size(kLanes * sizeof(std::int64_t))));

/** The integer type with as many lanes as V. */
template <class V> struct IntegerOf;
template <> struct IntegerOf<double> { using type = std::int64_t; };
template <> struct IntegerOf<Wide> { using type = WideInteger; };

template <class V = Wide> inline V load(const double* from) {
  V result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

template <class V> inline void store(double* to, V value) { std::memcpy(to, &value, sizeof value); }

/** Calls step(i, V{}) for whole vectors of elements 0 … count − 1, then for each that is left. */
template <class Step> inline void in_vectors(int count, const Step& step) {
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) step(i, Wide{});
  for (; i < count; ++i) step(i, 0.0);
}

template <class V> inline V all(double value) { return V{} + value; }

template <class To, class From> inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

/** x without its sign bit. */
template <class V> inline V absolute(V x) {
  using Integer = typename IntegerOf<V>::type;
  return same_bits<V>(same_bits<Integer>(x) & std::numeric_limits<std::int64_t>::max());
}
template <class V> inline V smaller(V x, V y) { return y < x ? y : x; }  // NaN in x stays
template <class V> inline V larger(V x, V y) { return y > x ? y : x; }

/** `magnitude`, which must not be negative, with the sign bit of `sign`. */
template <class V> inline V with_sign(V magnitude, V sign) {
  using Integer = typename IntegerOf<V>::type;
  const Integer bit = same_bits<Integer>(sign) & std::numeric_limits<std::int64_t>::min();
  return same_bits<V>(same_bits<Integer>(magnitude) | bit);
}

/**
 * c[0] xⁿ + … + c[n], by Estrin's rule: neighbours first, then pairs, so that few steps wait for each
 * other. Horner's takes as many multiplications one after the other as there are coefficients.
 * G. Estrin, Proc. Western Joint IRE-AIEE-ACM Computer Conference, 1960, p. 33.
 */
template <class V, std::size_t N> inline V polynomial(V x, const double (&c)[N]) {
  constexpr std::size_t kPairs = (N + 1) / 2;
  V terms[kPairs];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kPairs; ++i) {
    const std::size_t low = N - 1 - 2 * i;
    terms[i] = low > 0 ? c[low] + x * c[low - 1] : all<V>(c[low]);
  }
  V power = x * x;
#pragma GCC unroll 8
  for (std::size_t left = kPairs; left > 1; left = (left + 1) / 2) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < left / 2; ++i) terms[i] = terms[2 * i] + power * terms[2 * i + 1];
    if (left % 2 == 1) terms[left / 2] = terms[left - 1];
    power = power * power;
  }
  return terms[0];
}

/** xⁿ + c[0] xⁿ⁻¹ + … + c[n − 1]. */
template <class V, std::size_t N> inline V monic_polynomial(V x, const double (&c)[N]) {
  double whole[N + 1] = {1.0};
  for (std::size_t i = 0; i < N; ++i) whole[i + 1] = c[i];
  return polynomial(x, whole);
}

/** x = n ln 2 + r with |r| ≤ ln 2 / 2: `tail` is eʳ − 1 to full relative accuracy. */
template <class V> struct ReducedExponential {
  V tail;
  typename IntegerOf<V>::type exponent;
};

/** For |x| up to about 10⁹; NaN gives a NaN tail. */
template <class V> inline ReducedExponential<V> reduce_exponential(V x) {
  // Adding 1.5 · 2⁵² rounds to an integer and leaves it in the low bits of the significand.
  constexpr double kRound = 6755399441055744.0;
  constexpr double kLog2E = 1.4426950408889634;
  // ln 2 in two parts, the first with 32 trailing zero bits, so n · high is exact.
  constexpr double kHigh = 6.93147180369123816490e-01;
  constexpr double kLow = 1.90821492927058770002e-10;
  // Taylor to r¹³: the first term left out is below 2⁻⁵⁶ of r on |r| ≤ 0.347.
  static constexpr double kTerms[] = {
      1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0,
      1.0 / 362880.0,     1.0 / 40320.0,     1.0 / 5040.0,     1.0 / 720.0,
      1.0 / 120.0,        1.0 / 24.0,        1.0 / 6.0,        0.5};
  using Integer = typename IntegerOf<V>::type;
  const V shifted = x * kLog2E + kRound;
  const V n = shifted - kRound;
  const V r = (x - n * kHigh) - n * kLow;
  const V tail = r + r * r * polynomial(r, kTerms);
  const Integer exponent = same_bits<Integer>(shifted) - same_bits<std::int64_t>(kRound);
  return {tail, exponent};
}

/** 2ⁿ for −1022 ≤ n ≤ 1023. */
template <class V> inline V power_of_two(typename IntegerOf<V>::type n) {
  return same_bits<V>((n + 1023) << 52);
}

/** eˣ; overflows to infinity, underflows gradually to 0. */
template <class V> inline V exponential(V x) {
  const V bounded = larger(smaller(x, all<V>(710.0)), all<V>(-750.0));
  const auto reduced = reduce_exponential(bounded);
  // In two factors, since n reaches 1024 and −1082.
  const auto half = reduced.exponent >> 1;
  return (1.0 + reduced.tail) * power_of_two<V>(half) * power_of_two<V>(reduced.exponent - half);
}

/** eˣ − 1 without cancellation near 0, for −60 ≤ x ≤ 700. */
template <class V> inline V moderate_exponential_minus_one(V x) {
  const auto reduced = reduce_exponential(x);
  const V power = power_of_two<V>(reduced.exponent);
  return reduced.tail * power + (power - 1.0);
}

/** eˣ − 1 without cancellation near 0. */
template <class V> inline V exponential_minus_one(V x) {
  const V bounded = larger(smaller(x, all<V>(710.0)), all<V>(-60.0));
  const auto reduced = reduce_exponential(bounded);
  const auto half = reduced.exponent >> 1;
  const V first = power_of_two<V>(half);
  const V second = power_of_two<V>(reduced.exponent - half);
  const V power = first * second;
  // Far above 1 the −1 no longer counts, and eˣ in two factors overflows only when it must.
  return x > 60.0 ? (1.0 + reduced.tail) * first * second : reduced.tail * power + (power - 1.0);
}

template <class V> inline V hyperbolic_tangent(V x) {
  // Beyond 20, tanh is 1 in double precision.
  const V magnitude = smaller(absolute(x), all<V>(20.0));
  const V e = moderate_exponential_minus_one(2.0 * magnitude);
  return with_sign(e / (e + 2.0), x);
}

template <class V> inline V logistic(V x) { return 1.0 / (1.0 + exponential(-x)); }

/** ln(1 + eˣ) without overflow: max(x, 0) + ln(1 + e⁻|ˣ|). */
template <class V> inline V soft_plus(V x) {
  // ln(1 + y) = 2 artanh(y / (2 + y)); the argument is at most 1/3, where 17 terms suffice.
  static constexpr double kTerms[] = {
      1.0 / 35, 1.0 / 33, 1.0 / 31, 1.0 / 29, 1.0 / 27, 1.0 / 25, 1.0 / 23, 1.0 / 21, 1.0 / 19,
      1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,  1.0};
  const V y = exponential(-absolute(x));
  const V s = y / (2.0 + y);
  return larger(x, all<V>(0.0)) + 2.0 * s * polynomial(s * s, kTerms);
}

/** The error function. Coefficients: S. L. Moshier, Cephes Mathematical Library 2.9, ndtr.c. */
template <class V> inline V error_function(V x) {
  static constexpr double kInnerTop[] = {9.60497373987051638749e0, 9.00260197203842689217e1,
                                         2.23200534594684319226e3, 7.00332514112805075473e3,
                                         5.55923013010394962768e4};
  static constexpr double kInnerBottom[] = {3.35617141647503099647e1, 5.21357949780152679795e2,
                                            4.59432382970980127987e3, 2.26290000613890934246e4,
                                            4.92673942608635921086e4};
  static constexpr double kOuterTop[] = {
      2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0,
      4.86371970985681366614e1,   1.96520832956077098242e2,  5.26445194995477358631e2,
      9.34528527171957607540e2,   1.02755188689515710272e3,  5.57535335369399327526e2};
  static constexpr double kOuterBottom[] = {
      1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2,
      9.75708501743205489753e2, 1.82390916687909736289e3, 2.24633760818710981792e3,
      1.65666309194161350182e3, 5.57535340817727675546e2};
  const V inside = smaller(larger(x, all<V>(-1.0)), all<V>(1.0));
  const V square = inside * inside;
  const V inner =
      inside * polynomial(square, kInnerTop) / monic_polynomial(square, kInnerBottom);
  const V magnitude = smaller(absolute(x), all<V>(8.0));  // erf is 1 in double precision from 6 on
  const V complement = exponential(-magnitude * magnitude) * polynomial(magnitude, kOuterTop) /
                       monic_polynomial(magnitude, kOuterBottom);
  const V outer = with_sign(1.0 - complement, x);
  const V result = absolute(x) < 1.0 ? inner : outer;
  return x == x ? result : x;
}

}  // namespace setpoint

#endif
