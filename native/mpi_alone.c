/*
 * What IPOPT asks of MPI, for a process that is alone. Debian's IPOPT 3.14 is linked with Open MPI,
 * which brings network and graphics drivers of 250 MB and needs a writable folder to start in. The
 * image gives IPOPT the sequential MUMPS in place of the parallel one, and this in place of Open MPI
 * (Dockerfile.edge). Signatures: MPI 4.0, section 11.2.
 */

static int initialized = 0;
static int finalized = 0;

int MPI_Init(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  initialized = 1;
  return 0;
}

int MPI_Initialized(int *flag) {
  *flag = initialized;
  return 0;
}

int MPI_Finalize(void) {
  finalized = 1;
  return 0;
}

int MPI_Finalized(int *flag) {
  *flag = finalized;
  return 0;
}
