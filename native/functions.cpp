#include "functions.h"

namespace setpoint {
namespace {

/** Loads up to kLanes elements; lanes beyond `count` repeat the first, so they raise nothing new. */
Wide load_some(const double* from, int count) {
  double lanes[kLanes];
  for (int i = 0; i < kLanes; ++i) lanes[i] = from[i < count ? i : 0];
  return load(lanes);
}

void store_some(double* to, Wide value, int count) {
  double lanes[kLanes];
  store(lanes, value);
  std::memcpy(to, lanes, sizeof(double) * static_cast<std::size_t>(count));
}

/** One row over arrays: whole vectors where the row is wide, one element at a time elsewhere. */
template <class Row> struct OverArrays {
  static void value(int n, const double* x, double* y, Constants c) {
    if constexpr (Row::wide) {
      if (n == 1) {
        y[0] = Row::template value<double>(x[0], c);
        return;
      }
      int i = 0;
      for (; i + kLanes <= n; i += kLanes) store(y + i, Row::template value<Wide>(load(x + i), c));
      if (i < n) store_some(y + i, Row::template value<Wide>(load_some(x + i, n - i), c), n - i);
    } else {
      for (int i = 0; i < n; ++i) y[i] = Row::value(x[i], c);
    }
  }

  static void first(int n, const double* x, const double* y, double* d, Constants c) {
    if constexpr (Row::wide) {
      int i = 0;
      for (; i + kLanes <= n; i += kLanes) {
        store(d + i, Row::template first<Wide>(load(x + i), load(y + i), c));
      }
      for (; i < n; ++i) d[i] = Row::template first<double>(x[i], y[i], c);
    } else {
      for (int i = 0; i < n; ++i) d[i] = Row::first(x[i], y[i], c);
    }
  }

  static void second(int n, const double* x, const double* y, const double* d, double* s,
                     Constants c) {
    if constexpr (Row::wide) {
      int i = 0;
      for (; i + kLanes <= n; i += kLanes) {
        store(s + i, Row::template second<Wide>(load(x + i), load(y + i), load(d + i), c));
      }
      for (; i < n; ++i) s[i] = Row::template second<double>(x[i], y[i], d[i], c);
    } else {
      for (int i = 0; i < n; ++i) s[i] = Row::second(x[i], y[i], d[i], c);
    }
  }

  static constexpr Function function{Row::curved, value, first, second};
};

template <class... Rows> const Function* find(int opcode, function::Table<Rows...>) {
  const Function* found = nullptr;
  ((Rows::opcode == opcode ? void(found = &OverArrays<Rows>::function) : void()), ...);
  return found;
}

}  // namespace

const Function* find_function(int opcode) { return find(opcode, function::All{}); }

}  // namespace setpoint
