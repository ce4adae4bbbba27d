#include "report_reference.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

/* A plain loop that sets and shows each cell. */
int reference_pdf(const char *path, const char *const *texts, int rows, int columns) {
    const double width = 595.28, height = 841.89, margin = 42, line = 14;
    cairo_surface_t *surface = cairo_pdf_surface_create(path, width, height);
    cairo_t *cairo = cairo_create(surface);
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoFontDescription *font = pango_font_description_from_string("Noto Sans, Noto Naskh Arabic");
    pango_font_description_set_absolute_size(font, 8 * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    double top = margin;
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            pango_layout_set_text(layout, texts[row * columns + column], -1);
            cairo_move_to(cairo, margin + column * (width - 2 * margin) / columns, top);
            pango_cairo_show_layout(cairo, layout);
        }
        top += line;
        if (top > height - margin) {
            cairo_show_page(cairo);
            top = margin;
        }
    }
    pango_font_description_free(font);
    g_object_unref(layout);
    cairo_destroy(cairo);
    cairo_surface_finish(surface);
    int status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}
