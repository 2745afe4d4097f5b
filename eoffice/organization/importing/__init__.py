"""Lists of units and people from files and directories: read, parse, compare, write.

`reading` (files) and `sources` (directories) give the same rows; `entries` turns rows into typed values, `planning`
compares them with what is in force, `writing` carries a plan out. Nothing here opens a transaction: that is for
`services.importing`.
"""
