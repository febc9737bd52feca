/** The BLAS under all linear algebra, set up for one small solve at a time. */
#ifndef SETPOINT_BLAS_HPP
#define SETPOINT_BLAS_HPP

namespace setpoint {

/**
 * One thread, since the blocks are small and a second one costs more than it brings; and the working
 * memory taken now: OpenBLAS takes it at its first product, and waits for ever where it gets none.
 */
void prepare_blas();

}  // namespace setpoint

#endif
