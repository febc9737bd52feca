/**
 * The table of elementwise functions: opcode, σ(x), σ′ and σ″.
 *
 * The same rows stand in src/model/functions.ts; tests/native/functions_test.ts holds them equal.
 * A derivative receives x, y = σ(x) and, for the second, d = σ′(x), so that what is known is not
 * computed twice. At a kink the left derivative is taken. Nothing overflows to NaN where the limit
 * is finite.
 */
#ifndef SETPOINT_FUNCTIONS_H
#define SETPOINT_FUNCTIONS_H

#include "wide.h"

namespace setpoint {

/** The up to two constants of a function, as its `map` instruction carries them. */
struct Constants {
  double c0;
  double c1;
};

namespace function {

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;
constexpr double kTwoOverSqrtPi = 1.12837916709551257390;
constexpr double kSqrtTwoOverPi = 0.79788456080286535588;
constexpr double kGeluCubic = 0.044715;

template <class V> inline V bounded(V x, double limit) {
  return smaller(larger(x, all<V>(-limit)), all<V>(limit));
}

/** `wide` rows are written over V; the others over double alone. `curved`: σ″ is not always 0. */
struct Tanh {
  static constexpr int opcode = 1;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return hyperbolic_tangent(x); }
  template <class V> static V first(V, V y, Constants) { return 1.0 - y * y; }
  template <class V> static V second(V, V y, V d, Constants) { return -2.0 * y * d; }
};

struct Sigmoid {
  static constexpr int opcode = 2;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return logistic(x); }
  template <class V> static V first(V, V y, Constants) { return y * (1.0 - y); }
  template <class V> static V second(V, V y, V d, Constants) { return d * (1.0 - 2.0 * y); }
};

struct Relu {
  static constexpr int opcode = 3;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants) { return x < 0.0 ? all<V>(0.0) : x; }
  template <class V> static V first(V x, V, Constants) {
    return x <= 0.0 ? all<V>(0.0) : all<V>(1.0);
  }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct LeakyRelu {
  static constexpr int opcode = 4;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants c) { return x <= 0.0 ? c.c0 * x : x; }
  template <class V> static V first(V x, V, Constants c) {
    return x <= 0.0 ? all<V>(c.c0) : all<V>(1.0);
  }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct Elu {
  static constexpr int opcode = 5;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants c) {
    return x <= 0.0 ? c.c0 * exponential_minus_one(smaller(x, all<V>(0.0))) : x;
  }
  template <class V> static V first(V x, V, Constants c) {
    return x <= 0.0 ? c.c0 * exponential(smaller(x, all<V>(0.0))) : all<V>(1.0);
  }
  template <class V> static V second(V x, V, V d, Constants) {
    return x <= 0.0 ? d : all<V>(0.0);
  }
};

/** max(0, x) + min(0, α(e^(x/α) − 1)). */
struct Celu {
  static constexpr int opcode = 6;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants c) {
    return x <= 0.0 ? c.c0 * exponential_minus_one(smaller(x, all<V>(0.0)) / c.c0) : x;
  }
  template <class V> static V first(V x, V, Constants c) {
    return x <= 0.0 ? exponential(smaller(x, all<V>(0.0)) / c.c0) : all<V>(1.0);
  }
  template <class V> static V second(V x, V, V d, Constants c) {
    return x <= 0.0 ? d / c.c0 : all<V>(0.0);
  }
};

struct Softplus {
  static constexpr int opcode = 7;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return soft_plus(x); }
  template <class V> static V first(V x, V, Constants) { return logistic(x); }
  template <class V> static V second(V, V, V d, Constants) { return d * (1.0 - d); }
};

/** x Φ(x), Φ the normal distribution. */
struct Gelu {
  static constexpr int opcode = 8;
  static constexpr bool wide = true, curved = true;
  template <class V> static V distribution(V x) {
    return 0.5 * (1.0 + error_function(x * kSqrtHalf));
  }
  template <class V> static V density(V x) {
    return kInverseSqrtTwoPi * exponential(-0.5 * x * x);
  }
  template <class V> static V value(V x, Constants) { return x * distribution(x); }
  template <class V> static V first(V x, V, Constants) {
    const V near = bounded(x, 40.0);  // the density is 0 beyond, and x² must not overflow
    return distribution(x) + near * density(near);
  }
  template <class V> static V second(V x, V, V, Constants) {
    const V near = bounded(x, 40.0);
    return density(near) * (2.0 - near * near);
  }
};

/** x/2 (1 + tanh u) = x sigmoid(2u), u = √(2/π)(x + 0.044715 x³). */
struct GeluTanh {
  static constexpr int opcode = 9;
  static constexpr bool wide = true, curved = true;
  /** 2u and its derivatives; sigmoid(2u) is 0 or 1 beyond ±40, where x³ must not overflow. */
  template <class V> static V inner(V near) {
    return 2.0 * kSqrtTwoOverPi * near * (1.0 + kGeluCubic * near * near);
  }
  template <class V> static V inner_first(V near) {
    return 2.0 * kSqrtTwoOverPi * (1.0 + 3.0 * kGeluCubic * near * near);
  }
  template <class V> static V inner_second(V near) {
    return 12.0 * kSqrtTwoOverPi * kGeluCubic * near;
  }
  template <class V> static V value(V x, Constants) {
    return x * logistic(inner(bounded(x, 40.0)));
  }
  template <class V> static V first(V x, V, Constants) {
    const V near = bounded(x, 40.0);
    const V u = inner(near);
    const V s = logistic(u);
    return s + near * inner_first(near) * s * logistic(-u);
  }
  template <class V> static V second(V x, V, V, Constants) {
    const V near = bounded(x, 40.0);
    const V u = inner(near);
    const V s = logistic(u);
    const V rest = logistic(-u);
    const V slope = inner_first(near);
    return s * rest * (2.0 * slope + near * (inner_second(near) + slope * slope * (rest - s)));
  }
};

struct Erf {
  static constexpr int opcode = 10;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return error_function(x); }
  template <class V> static V first(V x, V, Constants) {
    const V near = bounded(x, 40.0);
    return kTwoOverSqrtPi * exponential(-near * near);
  }
  template <class V> static V second(V x, V, V d, Constants) { return -2.0 * bounded(x, 40.0) * d; }
};

struct Exp {
  static constexpr int opcode = 11;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return exponential(x); }
  template <class V> static V first(V, V y, Constants) { return y; }
  template <class V> static V second(V, V y, V, Constants) { return y; }
};

struct Log {
  static constexpr int opcode = 12;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::log(x); }
  static double first(double x, double, Constants) { return 1.0 / x; }
  static double second(double, double, double d, Constants) { return -d * d; }
};

struct Sqrt {
  static constexpr int opcode = 13;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::sqrt(x); }
  static double first(double, double y, Constants) { return 0.5 / y; }
  static double second(double x, double, double d, Constants) { return -0.5 * d / x; }
};

struct Reciprocal {
  static constexpr int opcode = 14;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return 1.0 / x; }
  template <class V> static V first(V, V y, Constants) { return -y * y; }
  template <class V> static V second(V, V y, V d, Constants) { return -2.0 * y * d; }
};

/** xᶜ; a factor of 0 wins over an infinite power, so x¹ and x² are exact at 0. */
struct Power {
  static constexpr int opcode = 15;
  static constexpr bool wide = false, curved = true;
  static double term(double factor, double x, double exponent) {
    return factor == 0.0 ? 0.0 : factor * std::pow(x, exponent);
  }
  static double value(double x, Constants c) { return std::pow(x, c.c0); }
  static double first(double x, double, Constants c) { return term(c.c0, x, c.c0 - 1.0); }
  static double second(double x, double, double, Constants c) {
    return term(c.c0 * (c.c0 - 1.0), x, c.c0 - 2.0);
  }
};

struct Sin {
  static constexpr int opcode = 16;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::sin(x); }
  static double first(double x, double, Constants) { return std::cos(x); }
  static double second(double, double y, double, Constants) { return -y; }
};

struct Cos {
  static constexpr int opcode = 17;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::cos(x); }
  static double first(double x, double, Constants) { return -std::sin(x); }
  static double second(double, double y, double, Constants) { return -y; }
};

struct Tan {
  static constexpr int opcode = 18;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::tan(x); }
  static double first(double, double y, Constants) { return 1.0 + y * y; }
  static double second(double, double y, double d, Constants) { return 2.0 * y * d; }
};

struct Atan {
  static constexpr int opcode = 19;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::atan(x); }
  static double first(double x, double, Constants) { return 1.0 / (1.0 + x * x); }
  static double second(double x, double, double d, Constants) {
    return -2.0 * (d * x) * d;  // d x stays finite where x² overflows
  }
};

struct Sinh {
  static constexpr int opcode = 20;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::sinh(x); }
  static double first(double x, double, Constants) { return std::cosh(x); }
  static double second(double, double y, double, Constants) { return y; }
};

struct Cosh {
  static constexpr int opcode = 21;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::cosh(x); }
  static double first(double x, double, Constants) { return std::sinh(x); }
  static double second(double, double y, double, Constants) { return y; }
};

struct Abs {
  static constexpr int opcode = 22;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants) { return absolute(x); }
  template <class V> static V first(V x, V, Constants) {
    return x <= 0.0 ? all<V>(-1.0) : all<V>(1.0);
  }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct Square {
  static constexpr int opcode = 23;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return x * x; }
  template <class V> static V first(V x, V, Constants) { return 2.0 * x; }
  template <class V> static V second(V, V, V, Constants) { return all<V>(2.0); }
};

struct Softsign {
  static constexpr int opcode = 24;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return x / (1.0 + absolute(x)); }
  template <class V> static V first(V x, V, Constants) {
    const V r = 1.0 / (1.0 + absolute(x));
    return r * r;
  }
  template <class V> static V second(V x, V, V d, Constants) {
    const V r = 2.0 * d / (1.0 + absolute(x));
    return x <= 0.0 ? r : -r;
  }
};

/** x sigmoid(αx). */
struct Swish {
  static constexpr int opcode = 25;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants c) { return x * logistic(c.c0 * x); }
  template <class V> static V first(V x, V, Constants c) {
    const V s = logistic(c.c0 * x);
    return s + c.c0 * x * s * (1.0 - s);
  }
  template <class V> static V second(V x, V, V, Constants c) {
    const V s = logistic(c.c0 * x);
    const V slope = s * (1.0 - s);
    return c.c0 * (2.0 * slope + c.c0 * x * slope * (1.0 - 2.0 * s));
  }
};

/** x tanh(softplus(x)). */
struct Mish {
  static constexpr int opcode = 26;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return x * hyperbolic_tangent(soft_plus(x)); }
  template <class V> static V first(V x, V, Constants) {
    const V t = hyperbolic_tangent(soft_plus(x));
    return t + x * ((1.0 - t * t) * logistic(x));
  }
  template <class V> static V second(V x, V, V, Constants) {
    const V t = hyperbolic_tangent(soft_plus(x));
    const V s = logistic(x);
    const V slope = (1.0 - t * t) * s;
    return 2.0 * slope + x * slope * (1.0 - s - 2.0 * t * s);
  }
};

/** min(max(x, lo), hi). */
struct Clip {
  static constexpr int opcode = 27;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants c) {
    return smaller(larger(x, all<V>(c.c0)), all<V>(c.c1));
  }
  template <class V> static V first(V x, V, Constants c) {
    const V above = x > c.c1 ? all<V>(0.0) : all<V>(1.0);
    return x <= c.c0 ? all<V>(0.0) : above;
  }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct ThresholdedRelu {
  static constexpr int opcode = 28;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants c) { return x <= c.c0 ? all<V>(0.0) : x; }
  template <class V> static V first(V x, V, Constants c) {
    return x <= c.c0 ? all<V>(0.0) : all<V>(1.0);
  }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct Asin {
  static constexpr int opcode = 29;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::asin(x); }
  static double first(double x, double, Constants) {
    return 1.0 / std::sqrt((1.0 - x) * (1.0 + x));
  }
  static double second(double x, double, double d, Constants) { return x * d * d * d; }
};

struct Acos {
  static constexpr int opcode = 30;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::acos(x); }
  static double first(double x, double, Constants) {
    return -1.0 / std::sqrt((1.0 - x) * (1.0 + x));
  }
  static double second(double x, double, double d, Constants) { return x * d * d * d; }
};

struct Asinh {
  static constexpr int opcode = 31;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::asinh(x); }
  static double first(double x, double, Constants) { return 1.0 / std::hypot(1.0, x); }
  static double second(double x, double, double d, Constants) { return -(x * d) * d * d; }
};

struct Acosh {
  static constexpr int opcode = 32;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::acosh(x); }
  static double first(double x, double, Constants) {
    return 1.0 / (std::sqrt(x - 1.0) * std::sqrt(x + 1.0));
  }
  static double second(double x, double, double d, Constants) { return -(x * d) * d * d; }
};

struct Atanh {
  static constexpr int opcode = 33;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::atanh(x); }
  static double first(double x, double, Constants) { return 1.0 / ((1.0 - x) * (1.0 + x)); }
  static double second(double x, double, double d, Constants) { return 2.0 * x * d * d; }
};

struct Sign {
  static constexpr int opcode = 34;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants) {
    const V upper = x > 0.0 ? all<V>(1.0) : x;  // 0 and NaN stay
    return x < 0.0 ? all<V>(-1.0) : upper;
  }
  template <class V> static V first(V, V, Constants) { return all<V>(0.0); }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct Step {
  static constexpr int opcode = 35;
  static constexpr bool wide = true, curved = false;
  template <class V> static V value(V x, Constants) {
    const V upper = x > 0.0 ? all<V>(1.0) : x;  // NaN stays
    return x <= 0.0 ? all<V>(0.0) : upper;
  }
  template <class V> static V first(V, V, Constants) { return all<V>(0.0); }
  template <class V> static V second(V, V, V, Constants) { return all<V>(0.0); }
};

struct Log1p {
  static constexpr int opcode = 36;
  static constexpr bool wide = false, curved = true;
  static double value(double x, Constants) { return std::log1p(x); }
  static double first(double x, double, Constants) { return 1.0 / (1.0 + x); }
  static double second(double, double, double d, Constants) { return -d * d; }
};

struct Expm1 {
  static constexpr int opcode = 37;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) { return exponential_minus_one(x); }
  template <class V> static V first(V x, V, Constants) { return exponential(x); }
  template <class V> static V second(V, V, V d, Constants) { return d; }
};

/** x min(max(x / 6 + 1/2, 0), 1). */
struct HardSwish {
  static constexpr int opcode = 38;
  static constexpr bool wide = true, curved = true;
  template <class V> static V value(V x, Constants) {
    return x * smaller(larger(x / 6.0 + 0.5, all<V>(0.0)), all<V>(1.0));
  }
  template <class V> static V first(V x, V, Constants) {
    const V upper = x > 3.0 ? all<V>(1.0) : (2.0 * x + 3.0) / 6.0;
    return x <= -3.0 ? all<V>(0.0) : upper;
  }
  template <class V> static V second(V x, V, V, Constants) {
    const V upper = x > 3.0 ? all<V>(0.0) : all<V>(1.0 / 3.0);
    return x <= -3.0 ? all<V>(0.0) : upper;
  }
};

/** Every row, once. */
template <class... Rows> struct Table {};
using All = Table<Tanh, Sigmoid, Relu, LeakyRelu, Elu, Celu, Softplus, Gelu, GeluTanh, Erf, Exp, Log,
                  Sqrt, Reciprocal, Power, Sin, Cos, Tan, Atan, Sinh, Cosh, Abs, Square, Softsign,
                  Swish, Mish, Clip, ThresholdedRelu, Asin, Acos, Asinh, Acosh, Atanh, Sign, Step,
                  Log1p, Expm1, HardSwish>;

}  // namespace function

/** A row of the table made ready to run over arrays of n elements. */
struct Function {
  /** False: σ″ is 0 everywhere, so the function adds nothing to a Hessian. */
  bool curved;
  void (*value)(int n, const double* x, double* y, Constants);
  void (*first)(int n, const double* x, const double* y, double* d, Constants);
  void (*second)(int n, const double* x, const double* y, const double* d, double* s, Constants);
};

/** The function of an opcode, or nullptr where there is none. */
const Function* find_function(int opcode);

}  // namespace setpoint

#endif
