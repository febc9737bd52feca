/**
 * Times one evaluation of a packed program and, in the same run, the matrix products that it cannot
 * do without, through Eigen and through the system's BLAS.
 *
 *   evaluations FILE NETWORKS WIDTH...
 *
 * FILE holds four 64-bit counts, then ints, reals, x and p. NETWORKS networks have layers of WIDTH
 * (first the inputs, last the outputs). Prints one line per figure: name and microseconds, medians.
 */
#include <dlfcn.h>

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "../../native/tape.hpp"

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kRounds = 200;
constexpr double kSecondsPerBatch = 1e-3;

/** As many multiplications and additions as make a megaflop, on registers alone: the core's peak. */
double megaflop(double factor) {
  // More sums than additions can wait for each other.
  constexpr int kSums = 12;
  constexpr int kSteps = 1000000 / (2 * kSums * setpoint::kLanes);
  setpoint::Wide sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = setpoint::all<setpoint::Wide>(i);
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * factor + factor;
  }
  for (int i = 1; i < kSums; ++i) sums[0] += sums[i];
  return sums[0][0];
}

struct Task {
  const char* name;
  std::function<void()> run;
  int batch = 1;
  std::vector<double> microseconds;
};

double seconds(const Task& task) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < task.batch; ++i) task.run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/** The products of one network, operands filled once; `n` decision variables. */
struct Layer {
  Matrix w;
  MatrixXd w_columns;  // the same for BLAS, which wants columns
  VectorXd in, out, back, d;
  Matrix in_jacobian, out_jacobian, scaled;
  MatrixXd in_columns, out_columns, scaled_columns;
  bool first;
  Layer(int rows, int cols, int n, bool is_first)
      : w(Matrix::Random(rows, cols)), w_columns(w), in(VectorXd::Random(cols)),
        out(VectorXd::Zero(rows)), back(VectorXd::Zero(cols)), d(VectorXd::Random(rows)),
        in_jacobian(Matrix::Random(cols, n)), out_jacobian(Matrix::Random(rows, n)),
        scaled(Matrix::Random(rows, n)), in_columns(in_jacobian), out_columns(out_jacobian),
        scaled_columns(scaled), first(is_first) {}
};

using Gemm = void (*)(const char*, const char*, const int*, const int*, const int*, const double*,
                      const double*, const int*, const double*, const int*, const double*, double*,
                      const int*);
using Gemv = void (*)(const char*, const int*, const int*, const double*, const double*, const int*,
                      const double*, const int*, const double*, double*, const int*);

template <class Real> std::vector<Real> read(std::ifstream& file, std::uint64_t count) {
  std::vector<Real> result(count);
  file.read(reinterpret_cast<char*>(result.data()),
            static_cast<std::streamsize>(count * sizeof(Real)));
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  const auto counts = read<std::uint64_t>(file, 4);
  const auto ints = read<std::int32_t>(file, counts[0]);
  const auto reals = read<double>(file, counts[1]);
  auto x = read<double>(file, counts[2]);
  const auto p = read<double>(file, counts[3]);
  if (!file) return 3;
  const int networks = std::atoi(arguments[2]);
  std::vector<int> widths;
  for (int i = 3; i < count; ++i) widths.push_back(std::atoi(arguments[i]));

  setpoint::Tape tape(setpoint::read_packed(ints.data(), ints.size(), reals.data(), reals.size()));
  const int n = tape.inputs();
  tape.set_parameters(p.data());
  std::vector<double> gradient(x.size()), rows(static_cast<std::size_t>(tape.rows())),
      lambda(rows.size(), 1.0), jacobian(tape.jacobian_structure().size()),
      hessian(tape.hessian_structure().size());
  // A new point each time, or the tape would give what it knows.
  const auto move = [&] {
    x[0] = -x[0];
    tape.set_point(x.data());
  };
  volatile double sink = 0.0;

  std::vector<Layer> layers;
  for (int network = 0; network < networks; ++network) {
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
      layers.emplace_back(widths[l + 1], widths[l], n, l == 0);
    }
  }
  MatrixXd total = MatrixXd::Zero(n, n);
  Matrix total_rows = Matrix::Zero(n, n);

  std::vector<Task> tasks;
  tasks.push_back({"value", [&] {
                     move();
                     sink = tape.objective();
                     tape.row_values(rows.data());
                   }});
  tasks.push_back({"value+jacobian", [&] {
                     move();
                     sink = tape.objective();
                     tape.row_values(rows.data());
                     tape.gradient(gradient.data());
                     tape.jacobian(jacobian.data());
                   }});
  tasks.push_back({"value+jacobian+hessian", [&] {
                     move();
                     sink = tape.objective();
                     tape.row_values(rows.data());
                     tape.gradient(gradient.data());
                     tape.jacobian(jacobian.data());
                     tape.hessian(1.0, lambda.data(), hessian.data());
                   }});
  tasks.push_back({"products by Eigen", [&] {
                     for (Layer& layer : layers) {
                       layer.out.noalias() = layer.w * layer.in;
                       if (layer.first) continue;
                       layer.out_jacobian.noalias() = layer.w * layer.in_jacobian;
                       layer.back.noalias() = layer.w.transpose() * layer.d;
                     }
                     for (Layer& layer : layers) {
                       if (layer.w.rows() == 1) continue;
                       total_rows.noalias() += layer.scaled.transpose() * layer.out_jacobian;
                     }
                   }});
  tasks.push_back({"a megaflop in registers", [&] { sink = megaflop(sink * 1e-9); }});
  void* blas = dlopen("libblas.so.3", RTLD_NOW);
  const auto gemm = blas == nullptr ? nullptr : reinterpret_cast<Gemm>(dlsym(blas, "dgemm_"));
  const auto gemv = blas == nullptr ? nullptr : reinterpret_cast<Gemv>(dlsym(blas, "dgemv_"));
  if (gemm != nullptr && gemv != nullptr) {
    if (void* threads = dlsym(blas, "openblas_set_num_threads")) {
      reinterpret_cast<void (*)(int)>(threads)(1);
    }
    tasks.push_back({"products by BLAS", [&] {
                       const double one = 1.0, zero = 0.0;
                       const int step = 1;
                       for (Layer& layer : layers) {
                         const int m = static_cast<int>(layer.w.rows());
                         const int k = static_cast<int>(layer.w.cols());
                         gemv("N", &m, &k, &one, layer.w_columns.data(), &m, layer.in.data(), &step,
                              &zero, layer.out.data(), &step);
                         if (layer.first) continue;
                         gemm("N", "N", &m, &n, &k, &one, layer.w_columns.data(), &m,
                              layer.in_columns.data(), &k, &zero, layer.out_columns.data(), &m);
                         gemv("T", &m, &k, &one, layer.w_columns.data(), &m, layer.d.data(), &step,
                              &zero, layer.back.data(), &step);
                       }
                       for (Layer& layer : layers) {
                         const int m = static_cast<int>(layer.w.rows());
                         if (m == 1) continue;
                         gemm("T", "N", &n, &n, &m, &one, layer.scaled_columns.data(), &m,
                              layer.out_columns.data(), &m, &one, total.data(), &n);
                       }
                     }});
  }

  for (Task& task : tasks) {
    while (seconds(task) < kSecondsPerBatch) task.batch *= 2;
  }
  // In turn, so that whatever else the machine does falls on all alike.
  for (int round = 0; round < kRounds; ++round) {
    for (Task& task : tasks) task.microseconds.push_back(1e6 * seconds(task) / task.batch);
  }
  for (Task& task : tasks) {
    std::sort(task.microseconds.begin(), task.microseconds.end());
    std::printf("%s\t%.3f\n", task.name, task.microseconds[task.microseconds.size() / 2]);
  }
  return 0;
}
