#ifndef REPORT_REFERENCE_H
#define REPORT_REFERENCE_H

/* What the libraries alone take: the cells of a table, row by row, each either a text or, where the text is NULL, a
   number. Both return 0 where the file was written. */

int reference_xlsx(const char *path, const char *folder, const char *const *texts, const double *numbers, int rows,
                   int columns);

int reference_pdf(const char *path, const char *const *texts, int rows, int columns);

#endif
