"""Fusion everywhere, so that rows, composer and controls agree, with the few answers that a style sheet can't give."""

from __future__ import annotations

from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleHintReturn, QStyleOption, QWidget

__all__ = ["RING_MARGIN", "make_style"]

RING_MARGIN = 4
"""How far the focus ring stands out: 2 px of gap and 2 px of ring."""


class _Style(QProxyStyle):
    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        if metric in (
            QStyle.PixelMetric.PM_FocusFrameHMargin,
            QStyle.PixelMetric.PM_FocusFrameVMargin,
        ):
            return RING_MARGIN
        return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,  # noqa: N803 - Qt's name
    ) -> int:
        if hint == QStyle.StyleHint.SH_ItemView_ActivateItemOnSingleClick:
            return 0
        if hint == QStyle.StyleHint.SH_Menu_SubMenuPopupDelay:
            return 120
        if hint == QStyle.StyleHint.SH_UnderlineShortcut:
            # There are no Alt+letter accelerators: they type characters on many keyboards.
            return 0
        return super().styleHint(hint, option, widget, returnData)


def make_style() -> QProxyStyle:
    """The style of the application; the application takes ownership."""
    return _Style()
