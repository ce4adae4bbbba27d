#include "report_reference.h"

#include <xlsxwriter.h>

/* A plain loop in the mode that keeps one row in memory. */
int reference_xlsx(const char *path, const char *folder, const char *const *texts, const double *numbers, int rows,
                   int columns) {
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = (char *)folder};
    lxw_workbook *workbook = workbook_new_opt(path, &options);
    lxw_worksheet *sheet = workbook_add_worksheet(workbook, "Rows");
    lxw_format *text = workbook_add_format(workbook);
    lxw_format *number = workbook_add_format(workbook);
    format_set_num_format(number, "0.0%");
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            int cell = row * columns + column;
            if (texts[cell]) {
                worksheet_write_string(sheet, row, column, texts[cell], text);
            } else {
                worksheet_write_number(sheet, row, column, numbers[cell], number);
            }
        }
    }
    return workbook_close(workbook);
}
