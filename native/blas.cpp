#include "blas.hpp"

#include <dlfcn.h>

#include <cstddef>
#include <vector>

extern "C" void dgemm_(const char* transa, const char* transb, const int* m, const int* n,
                       const int* k, const double* alpha, const double* a, const int* lda,
                       const double* b, const int* ldb, const double* beta, double* c,
                       const int* ldc, std::size_t transa_length, std::size_t transb_length);

namespace setpoint {

void prepare_blas() {
  using SetThreads = void (*)(int);
  constexpr const char* kSetters[] = {"openblas_set_num_threads", "MKL_Set_Num_Threads",
                                      "bli_thread_set_num_threads"};
  for (const char* name : kSetters) {
    if (void* found = dlsym(RTLD_DEFAULT, name)) reinterpret_cast<SetThreads>(found)(1);
  }
  // Large enough not to go to a kernel for small matrices, which needs no working memory.
  constexpr int kSize = 128;
  const double one = 1.0, zero = 0.0;
  const std::vector<double> factor(kSize * kSize, 1.0);
  std::vector<double> product(factor.size());
  dgemm_("N", "N", &kSize, &kSize, &kSize, &one, factor.data(), &kSize, factor.data(), &kSize,
         &zero, product.data(), &kSize, 1, 1);
}

}  // namespace setpoint
