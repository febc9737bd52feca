/** Faults that an earlier check has reported, so that a later one keeps quiet about them. */

/** What is known to be wrong already, so that its consequences are not reported too. */
export interface KnownFaults {
  /** Names that are declared in the file but are not in the strategy. */
  readonly broken: ReadonlySet<string>;
  /** True: some formula could not be read, so what it reads is not known. */
  readonly unreadFormulas: boolean;
  /** True: the groups could not be read, so their names are not known. */
  readonly unreadGroups: boolean;
}
