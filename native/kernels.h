/**
 * The dense inner loops: products of small row-major blocks whose rows are padded to whole vectors.
 *
 * The blocks of a tape are tens to hundreds of rows by as many columns as there are decision
 * variables, so they fit the first-level cache and packing them, as a BLAS does, costs more than it
 * saves. One outer-product tile keeps its sums in registers over the whole depth.
 */
#ifndef SETPOINT_KERNELS_H
#define SETPOINT_KERNELS_H

#include <algorithm>
#include <cstddef>

#include "wide.h"

namespace setpoint {

using Index = std::ptrdiff_t;

/** Row stride of a block with `width` columns: whole vectors, except that one column stays one. */
constexpr int padded(int width) {
  return width <= 1 ? width : (width + kLanes - 1) / kLanes * kLanes;
}

/** A left factor read as element(i, k) = data[i · row_step + k · depth_step]. */
struct Left {
  const double* data;
  Index row_step;
  Index depth_step;
};

namespace kernel {

template <int Rows, int Vectors>
inline void tile(Left left, const double* right, Index right_step, double* out, Index out_step,
                 int depth, bool accumulate) {
  Wide sums[Rows][Vectors];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      sums[i][v] = accumulate ? load(out + i * out_step + v * kLanes) : Wide{};
    }
  }
  for (int k = 0; k < depth; ++k) {
    Wide row[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) row[v] = load(right + k * right_step + v * kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const double factor = left.data[i * left.row_step + k * left.depth_step];
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sums[i][v] += factor * row[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) store(out + i * out_step + v * kLanes, sums[i][v]);
  }
}

template <int Rows>
inline void strip(Left left, const double* right, Index right_step, double* out, Index out_step,
                  int depth, int width, bool accumulate) {
  int j = 0;
  for (; j + 3 * kLanes <= width; j += 3 * kLanes) {
    tile<Rows, 3>(left, right + j, right_step, out + j, out_step, depth, accumulate);
  }
  if (j + 2 * kLanes <= width) {
    tile<Rows, 2>(left, right + j, right_step, out + j, out_step, depth, accumulate);
    j += 2 * kLanes;
  }
  if (j < width) tile<Rows, 1>(left, right + j, right_step, out + j, out_step, depth, accumulate);
}

}  // namespace kernel

/** out (+)= left · right; `width` is 1 or a multiple of kLanes, steps at least that. */
inline void multiply(Left left, const double* right, Index right_step, double* out, Index out_step,
                     int rows, int depth, int width, bool accumulate) {
  if (width == 1) {
    for (int i = 0; i < rows; ++i) {
      double sum = accumulate ? out[i * out_step] : 0.0;
      for (int k = 0; k < depth; ++k) {
        sum += left.data[i * left.row_step + k * left.depth_step] * right[k * right_step];
      }
      out[i * out_step] = sum;
    }
    return;
  }
  // 128 rows of the right factor stay in the first-level cache while all of the left passes by.
  constexpr int kDepth = 128;
  for (int k = 0; k < depth; k += kDepth) {
    const int part = std::min(kDepth, depth - k);
    const bool add = accumulate || k > 0;
    const Left from{left.data + k * left.depth_step, left.row_step, left.depth_step};
    const double* right_part = right + k * right_step;
    int i = 0;
    for (; i + 4 <= rows; i += 4) {
      const Left at{from.data + i * left.row_step, left.row_step, left.depth_step};
      kernel::strip<4>(at, right_part, right_step, out + i * out_step, out_step, part, width, add);
    }
    for (; i < rows; ++i) {
      const Left at{from.data + i * left.row_step, left.row_step, left.depth_step};
      kernel::strip<1>(at, right_part, right_step, out + i * out_step, out_step, part, width, add);
    }
  }
}

/**
 * The lower triangle of out += Aᵀ B, A and B with `depth` rows of `width` elements, out square with
 * as many rows; `width` is 1 or a multiple of kLanes. Above the diagonal, tiles leave sums behind.
 */
inline void multiply_lower(const double* a, const double* b, Index step, double* out,
                           Index out_step, int depth, int width) {
  if (width == 1) {
    double sum = out[0];
    for (int k = 0; k < depth; ++k) sum += a[k * step] * b[k * step];
    out[0] = sum;
    return;
  }
  constexpr int kRows = std::min(kLanes, 4);
  for (int i = 0; i < width; i += kRows) {
    kernel::strip<kRows>({a + i, 1, step}, b, step, out + i * out_step, out_step, depth,
                         padded(i + kRows), true);
  }
}

/** to = diag(d) from, both with `rows` rows of `width` elements. */
inline void scale_rows(const double* d, const double* from, Index from_step, double* to,
                       Index to_step, int rows, int width) {
  for (int r = 0; r < rows; ++r) {
    const double factor = d[r];
    const double* source = from + r * from_step;
    double* target = to + r * to_step;
    for (int c = 0; c < width; ++c) target[c] = factor * source[c];
  }
}

}  // namespace setpoint

#endif
