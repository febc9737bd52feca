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
#include <type_traits>

#include "wide.h"

namespace setpoint {

using Index = std::ptrdiff_t;

/** Row stride of a block with `width` columns: whole vectors, except that one column stays one. */
constexpr int padded(int width) {
  return width <= 1 ? width : (width + kNarrowLanes - 1) / kNarrowLanes * kNarrowLanes;
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

template <class V> constexpr int kLanesOf = static_cast<int>(sizeof(V) / sizeof(double));

/** Rows of a tile: with three vectors each, its sums leave registers for a row and a factor. */
constexpr int kTileRows = kRegisters >= 32 ? 8 : 4;
constexpr int kTileVectors = 3;
/** Rows of the right factor whose strip stays in half of a first-level cache of 32 KiB. */
constexpr int kStripDepth = 2048 / (kTileVectors * kLanes);

/** How many of `left` vectors the next tile takes: no tile of one, whose sums wait for each other. */
constexpr int next_vectors(int left) { return left == 4 ? 2 : std::min(left, kTileVectors); }

/** out (+)= left · diag(d) · right; without `d`, its elements are 1. */
template <class V, int Rows, int Vectors, class... Diagonal>
inline void tile(Left left, const double* right, Index right_step, double* out, Index out_step,
                 int depth, bool accumulate, const Diagonal*... d) {
  V sums[Rows][Vectors] = {};
  for (int k = 0; k < depth; ++k) {
    V row[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      row[v] = (load<V>(right + k * right_step + v * kLanesOf<V>) * ... * d[k]);
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
      double* to = out + i * out_step + v * kLanesOf<V>;
      store(to, accumulate ? load<V>(to) + sums[i][v] : sums[i][v]);
    }
  }
}

/** All rows of a strip that is `Vectors` wide. */
template <class V, int Vectors, class... Diagonal>
inline void strip(Left left, const double* right, Index right_step, double* out, Index out_step,
                  int rows, int depth, bool accumulate, const Diagonal*... d) {
  int i = 0;
  for (; i + kTileRows <= rows; i += kTileRows) {
    tile<V, kTileRows, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step,
                                depth, accumulate, d...);
  }
  if constexpr (kTileRows > 4) {
    if (i + 4 <= rows) {
      tile<V, 4, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                          accumulate, d...);
      i += 4;
    }
  }
  for (; i + 2 <= rows; i += 2) {
    tile<V, 2, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                        accumulate, d...);
  }
  if (i < rows) {
    tile<V, 1, Vectors>(left.at(i, 0), right, right_step, out + i * out_step, out_step, depth,
                        accumulate, d...);
  }
}

/** Calls use(j, V{}, vectors) for one part after the other of a row of whole vectors. */
template <class Use> inline void in_parts(int width, const Use& use) {
  int j = 0;
  while (j + kLanes <= width) {
    const int vectors = next_vectors((width - j) / kLanes);
    if (vectors == 3) use(j, Wide{}, std::integral_constant<int, 3>{});
    if (vectors == 2) use(j, Wide{}, std::integral_constant<int, 2>{});
    if (vectors == 1) use(j, Wide{}, std::integral_constant<int, 1>{});
    j += vectors * kLanes;
  }
  if constexpr (kNarrowLanes < kLanes) {
    if (j < width) use(j, Narrow{}, std::integral_constant<int, 1>{});
  }
}

/** Strip by strip, for a depth whose strips fit the cache. */
template <class... Diagonal>
inline void strips(Left left, const double* right, Index right_step, double* out, Index out_step,
                   int rows, int depth, int width, bool accumulate, const Diagonal*... d) {
  in_parts(width, [&](int j, auto lanes, auto vectors) {
    strip<decltype(lanes), vectors.value>(left, right + j, right_step, out + j, out_step, rows,
                                          depth, accumulate, d...);
  });
}

/** One row of a product, its sums in `Chains` parts, so that additions do not wait for each other. */
template <class V, int Vectors, int Chains>
inline void row(const double* left, Index left_step, const double* right, Index right_step,
                double* out, int depth) {
  V sums[Chains][Vectors] = {};
  int k = 0;
  for (; k + Chains <= depth; k += Chains) {
#pragma GCC unroll 4
    for (int c = 0; c < Chains; ++c) {
      const double factor = left[(k + c) * left_step];
      const double* from = right + (k + c) * right_step;
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sums[c][v] += factor * load<V>(from + v * kLanesOf<V>);
    }
  }
  for (; k < depth; ++k) {
    const double factor = left[k * left_step];
    const double* from = right + k * right_step;
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) sums[0][v] += factor * load<V>(from + v * kLanesOf<V>);
  }
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; ++v) {
#pragma GCC unroll 4
    for (int c = 1; c < Chains; ++c) sums[0][v] += sums[c][v];
    double* to = out + v * kLanesOf<V>;
    store(to, load<V>(to) + sums[0][v]);
  }
}

}  // namespace kernel

/** out += Σ left[k] · right[k], `depth` rows of `width` elements, whatever `width` is. */
inline void add_rows(const double* left, Index left_step, const double* right, Index right_step,
                     double* out, int depth, int width) {
  int j = 0;
  for (; j + 8 * kLanes <= width; j += 8 * kLanes) {
    kernel::row<Wide, 8, 1>(left, left_step, right + j, right_step, out + j, depth);
  }
  if (j + 4 * kLanes <= width) {
    kernel::row<Wide, 4, 2>(left, left_step, right + j, right_step, out + j, depth);
    j += 4 * kLanes;
  }
  if (j + 2 * kLanes <= width) {
    kernel::row<Wide, 2, 4>(left, left_step, right + j, right_step, out + j, depth);
    j += 2 * kLanes;
  }
  if (j + kLanes <= width) {
    kernel::row<Wide, 1, 4>(left, left_step, right + j, right_step, out + j, depth);
    j += kLanes;
  }
  if constexpr (kNarrowLanes < kLanes) {
    if (j + kNarrowLanes <= width) {
      kernel::row<Narrow, 1, 4>(left, left_step, right + j, right_step, out + j, depth);
      j += kNarrowLanes;
    }
  }
  for (; j < width; ++j) {
    double sum = out[j];
    for (int k = 0; k < depth; ++k) sum += left[k * left_step] * right[k * right_step + j];
    out[j] = sum;
  }
}

/** out (+)= left · right; `width` is 1 or whole vectors, steps at least that. */
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

/** to = diag(d) from, both with `rows` rows of `width` elements, 1 or whole vectors. */
inline void scale_rows(const double* d, const double* from, Index from_step, double* to,
                       Index to_step, int rows, int width) {
  if (width == 1) {
    for (int r = 0; r < rows; ++r) to[r * to_step] = d[r] * from[r * from_step];
    return;
  }
  kernel::in_parts(width, [&](int j, auto lanes, auto vectors) {
    using V = decltype(lanes);
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors.value; ++v) {
        const int c = j + v * kernel::kLanesOf<V>;
        store(to + r * to_step + c, d[r] * load<V>(from + r * from_step + c));
      }
    }
  });
}

/**
 * The lower triangle of out += Aᵀ diag(d) A, A with `depth` rows of `width` elements, out square with
 * as many rows; `width` is 1 or whole vectors. Above the diagonal, tiles leave sums behind.
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
  const bool narrow = width <= kernel::kTileVectors * kLanes;
  // So many rows, and the same scaled, stay in the second-level cache while the strips pass by.
  const int most = narrow ? depth : std::max(8, 16384 / width);
  for (int k = 0; k < depth; k += most) {
    const int part = std::min(most, depth - k);
    const double* from = a + k * step;
    if (!narrow) scale_rows(d + k, from, step, scratch, width, part, width);
    for (int i = 0; i < width; i += kLanes) {
      const int rows = std::min(kLanes, width - i);
      double* to = out + i * out_step;
      if (narrow) {
        // Few tiles read a row, and scaling it in their registers is cheaper than a scaled copy.
        kernel::strips({from + i, 1, step}, from, step, to, out_step, rows, part, i + rows, true, d);
      } else {
        kernel::strips({scratch + i, 1, width}, from, step, to, out_step, rows, part, i + rows,
                       true);
      }
    }
  }
}

}  // namespace setpoint

#endif
