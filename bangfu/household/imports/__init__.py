"""Excel in: a roster or a file of households, from the table that unions keep to rows of the register.

upload -> match columns -> dry run -> all or nothing -> result. `fields` and `matching` know the columns, `judging` the rows,
`sums` the stated totals, `outcome` compares with the register, `flow` changes, `queries` reads.
"""
