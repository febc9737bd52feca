/**
 * The dense inner loops: products of small row-major blocks whose rows are padded to whole vectors.
 *
 * The blocks of a tape are tens to hundreds of rows by as many columns as there are decision
 * variables, so a strip of the right factor fits the first-level cache, and packing the left one, as
 * a BLAS does, costs more than it saves. One outer-product tile keeps its sums in registers over the
 * whole depth.
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
  Left at(Index row, Index depth) const {
    return {data + row * row_step + depth * depth_step, row_step, depth_step};
  }
};

namespace kernel {

/** Rows of a tile: with three vectors each, its sums leave registers for a row and a factor. */
constexpr int kTileRows = kRegisters >= 32 ? 8 : 4;
constexpr int kTileVectors = 3;
/** Rows of the right factor whose strip stays in half of a first-level cache of 32 KiB. */
constexpr int kStripDepth = 2048 / (kTileVectors * kLanes);

/** How many of `left` vectors the next tile takes: no tile of one, whose sums wait for each other. */
constexpr int next_vectors(int left) { return left == 4 ? 2 : std::min(left, kTileVectors); }

/** out (+)= left · diag(d) · right; without `d`, its elements are 1. */
template <int Rows, int Vectors, class... Diagonal>
inline void tile(Left left, const double* right, Index right_step, double* out, Index out_step,
                 int depth, bool accumulate, const Diagonal*... d) {
  Wide sums[Rows][Vectors] = {};
  for (int k = 0; k < depth; ++k) {
    Wide row[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      row[v] = (load(right + k * right_step + v * kLanes) * ... * d[k]);
    }
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
    for (int v = 0; v < Vectors; ++v) {
      double* to = out + i * out_step + v * kLanes;
      store(to, accumulate ? load(to) + sums[i][v] : sums[i][v]);
    }
  }
}

/** One row of a product, its sums in `Chains` parts, so that additions do not wait for each other. */
template <int Vectors, int Chains>
inline void row(const double* left, Index left_step, const double* right, Index right_step,
                double* out, int depth) {
  Wide sums[Chains][Vectors] = {};
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; ++v) sums[0][v] = load(out + v * kLanes);
  int k = 0;
  for (; k + Chains <= depth; k += Chains) {
#pragma GCC unroll 4
    for (int c = 0; c < Chains; ++c) {
      const double factor = left[(k + c) * left_step];
      const double* from = right + (k + c) * right_step;
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sums[c][v] += factor * load(from + v * kLanes);
    }
  }
  for (; k < depth; ++k) {
    const double factor = left[k * left_step];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
      sums[0][v] += factor * load(right + k * right_step + v * kLanes);
    }
  }
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; ++v) {
#pragma GCC unroll 4
    for (int c = 1; c < Chains; ++c) sums[0][v] += sums[c][v];
    store(out + v * kLanes, sums[0][v]);
  }
}

/** All rows of a strip that is `Vectors` wide. */
template <int Vectors>
inline void strip(Left left, const double* right, Index right_step, double* out, Index out_step,
                  int rows, int depth, bool accumulate) {
  int i = 0;
  for (; i + kTileRows <= rows; i += kTileRows) {
    tile<kTileRows, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                             accumulate);
  }
  if constexpr (kTileRows > 4) {
    if (i + 4 <= rows) {
      tile<4, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                       accumulate);
      i += 4;
    }
  }
  for (; i + 2 <= rows; i += 2) {
    tile<2, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                     accumulate);
  }
  if (i < rows) {
    tile<1, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                     accumulate);
  }
}

/** Strip by strip, for a depth whose strips fit the cache. */
inline void strips(Left left, const double* right, Index right_step, double* out, Index out_step,
                   int rows, int depth, int width, bool accumulate) {
  for (int j = 0; j < width;) {
    const int vectors = next_vectors((width - j) / kLanes);
    const auto run = vectors == 3 ? strip<3> : vectors == 2 ? strip<2> : strip<1>;
    run(left, right + j, right_step, out + j, out_step, rows, depth, accumulate);
    j += vectors * kLanes;
  }
}

template <int Vectors>
inline void scale(const double* d, const double* from, Index from_step, double* to, Index to_step,
                  int rows) {
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      store(to + r * to_step + v * kLanes, d[r] * load(from + r * from_step + v * kLanes));
    }
  }
}

}  // namespace kernel

/** out += Σ left[k] · right[k], `depth` rows of `width` elements, whatever `width` is. */
inline void add_rows(const double* left, Index left_step, const double* right, Index right_step,
                     double* out, int depth, int width) {
  int j = 0;
  for (; j + 8 * kLanes <= width; j += 8 * kLanes) {
    kernel::row<8, 1>(left, left_step, right + j, right_step, out + j, depth);
  }
  if (j + 4 * kLanes <= width) {
    kernel::row<4, 2>(left, left_step, right + j, right_step, out + j, depth);
    j += 4 * kLanes;
  }
  if (j + 2 * kLanes <= width) {
    kernel::row<2, 4>(left, left_step, right + j, right_step, out + j, depth);
    j += 2 * kLanes;
  }
  if (j + kLanes <= width) {
    kernel::row<1, 4>(left, left_step, right + j, right_step, out + j, depth);
    j += kLanes;
  }
  for (; j < width; ++j) {
    double sum = out[j];
    for (int k = 0; k < depth; ++k) sum += left[k * left_step] * right[k * right_step + j];
    out[j] = sum;
  }
}

/** out (+)= left · right; `width` is 1 or a multiple of kLanes, steps at least that. */
inline void multiply(Left left, const double* right, Index right_step, double* out, Index out_step,
                     int rows, int depth, int width, bool accumulate) {
  if (width == 1 || rows == 1) {
    for (int i = 0; i < rows; ++i) {
      double* to = out + i * out_step;
      if (!accumulate) std::fill_n(to, width, 0.0);
      add_rows(left.data + i * left.row_step, left.depth_step, right, right_step, to, depth, width);
    }
    return;
  }
  for (int k = 0; k < depth; k += kernel::kStripDepth) {
    kernel::strips(left.at(0, k), right + k * right_step, right_step, out, out_step, rows,
                   std::min(kernel::kStripDepth, depth - k), width, accumulate || k > 0);
  }
}

/** to = diag(d) from, both with `rows` rows of `width` elements, 1 or a multiple of kLanes. */
inline void scale_rows(const double* d, const double* from, Index from_step, double* to,
                       Index to_step, int rows, int width) {
  if (width == 1) {
    for (int r = 0; r < rows; ++r) to[r * to_step] = d[r] * from[r * from_step];
    return;
  }
  for (int j = 0; j < width;) {
    const int vectors = kernel::next_vectors((width - j) / kLanes);
    const auto run = vectors == 3 ? kernel::scale<3> : vectors == 2 ? kernel::scale<2> : kernel::scale<1>;
    run(d, from + j, from_step, to + j, to_step, rows);
    j += vectors * kLanes;
  }
}

/**
 * The lower triangle of out += Aᵀ diag(d) A, A with `depth` rows of `width` elements, out square with
 * as many rows; `width` is 1 or a multiple of kLanes. Above the diagonal, tiles leave sums behind.
 * `scratch` holds as many elements as A.
 */
inline void multiply_lower(const double* d, const double* a, Index step, double* out,
                           Index out_step, int depth, int width, double* scratch) {
  if (width == 1) {
    double sum = out[0];
    for (int k = 0; k < depth; ++k) sum += d[k] * a[k * step] * a[k * step];
    out[0] = sum;
    return;
  }
  if (width <= 3 * kLanes) {
    // One tile for kLanes rows; scaling in its registers is cheaper than a scaled copy.
    kernel::tile<kLanes, 1>({a, 1, step}, a, step, out, out_step, depth, true, d);
    if (width == kLanes) return;
    const double* second = a + kLanes;
    out += kLanes * out_step;
    kernel::tile<kLanes, 2>({second, 1, step}, a, step, out, out_step, depth, true, d);
    if (width == 2 * kLanes) return;
    const double* third = second + kLanes;
    out += kLanes * out_step;
    kernel::tile<kLanes, 3>({third, 1, step}, a, step, out, out_step, depth, true, d);
    return;
  }
  // So many rows, and the same scaled, stay in the first-level cache while the strips pass by.
  const int most = std::max(8, 2048 / width);
  for (int k = 0; k < depth; k += most) {
    const int part = std::min(most, depth - k);
    const double* from = a + k * step;
    scale_rows(d + k, from, step, scratch, width, part, width);
    for (int i = 0; i < width; i += kLanes) {
      kernel::strips({scratch + i, 1, width}, from, step, out + i * out_step, out_step, kLanes,
                     part, i + kLanes, true);
    }
  }
}

}  // namespace setpoint

#endif
