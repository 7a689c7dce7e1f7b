//! What `/?` shows.

/// All options.
pub(super) const TEXT: &str = r"Usage: dtexec /option [value] [/option [value]] ...

Options begin with / or -, in any case, and may be shortened to the letters before the bracket.
Values with blanks need quotes. The last of several counts. Configurations of the package itself win
over /Set and /Connection, and these over /ConfigFile.

The package:
  /F[ile] file                a .dtsx file; parameters and connections beside it are seen
  /Proj[ect] file /Pack[age] name
                              a package of an .ispac, or of a folder with a .dtproj
  /ISServer path              \SSISDB\folder\project\package.dtsx, run by the workers of a master
  /Ser[ver] name              with /ISServer: address or context of the master

Values:
  /Set path;value             property, variable; with /Project also a parameter
                              ([$Sensitive::] before the path keeps it secret with /ISServer)
  /Conn[ection] name;string   connection string of a connection manager, by name or id
  /Par[ameter] name[(type)];value
                              with /ISServer: parameter ($Package::, $Project::, $ServerOption::)
  /Env[Reference] id          with /ISServer: reference to an environment
  /Conf[igFile] file          one more XML configuration
  /M[axConcurrent] count      executables at the same time; -1 is processors + 2
  /CheckF[ile] [file], /CheckP[ointing] [on|off], /Res[tart] [deny|force|ifPossible]
                              checkpoints
  /Com[mandFile] file         more options from a file
  /De[crypt] password         of a package or project that is encrypted with one

The run:
  /Va[lidate]                 validate, and run nothing
  /W[arnAsError]              a warning of the validation stops the package
  /VerifyB[uild] major[;minor[;build]], /VerifyP[ackageID] id, /VerifyV[ersionID] id
                              run only this package
  /VerifyS[igned]             refuse: signatures cannot be checked here

The report:
  /Rep[orting] level[;event...]
                              N nothing, V everything, or of E W I C D P; default EWP
  /Cons[oleLog] [columns][;I|E;name...]
                              log entries; columns of N C O S G X M T
  /L[ogger] provider;config, /VLog [file]
                              log providers
  /Su[m]                      rows on their way through data flows

Dumps, in the folder ErrorDumps (or ErrorDumpsFolder of the settings):
  /Dump code[;code...]        of the first message with each code
  /DumpO[nError]              of the first error

Taken, and without a meaning here: /Ca[llerInfo], /Rem, /X86.
/D[ts], /SQ[L], /U[ser] and /P[assword] are refused: SQL Server's own stores are not here.

The environment variable DTEXEC_SETTINGS may name a file with PathMappings and ConnectionMap, as
the settings of a worker have them. Secrets on a command line can be read by others: put them into
a command file.

Exit codes: 0 succeeded, 1 failed, 3 canceled, 4 no such package, 5 package cannot be loaded,
6 wrong command line.

Examples:
  dtexec /F load.dtsx
  dtexec /F load.dtsx /Set \Package.Variables[User::Day].Value;2026-01-31 /Rep EW
  dtexec /Proj Nightly.ispac /Pack Load.dtsx /Va /W
  dtexec /ISServer \SSISDB\Finance\Nightly\Load.dtsx /Par $ServerOption::SYNCHRONIZED(Boolean);True
";
