; The Windows installer: for one person, without administrator rights. Compiled by packaging/build.py, which defines
; VERSION, SOURCE (the folder build), OUTPUT, ICON and LICENCE. Silent for fleets: setup.exe /S [/D=C:\a\folder].
Unicode true
SetCompressor /SOLID lzma
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS all

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "x64.nsh"

!define NAME "Reviewdesk"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define HANDLER "Software\Classes\reviewdesk"

Name "${NAME}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} setup"
VIAddVersionKey "LegalCopyright" "MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\reviewdesk-gui.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "Romanian"

LangString IN_USE ${LANG_ENGLISH} "Reviewdesk is running. Close it and try again."
LangString IN_USE ${LANG_GERMAN} "Reviewdesk läuft. Bitte schließen und erneut versuchen."
LangString IN_USE ${LANG_FRENCH} "Reviewdesk est ouvert. Fermez-le et réessayez."
LangString IN_USE ${LANG_SPANISH} "Reviewdesk está abierto. Ciérrelo e inténtelo de nuevo."
LangString IN_USE ${LANG_ROMANIAN} "Reviewdesk este deschis. Închideți-l și încercați din nou."

; Windows keeps the file of a running program from being opened for writing. Silent: exit code 2, nothing changed.
!macro REFUSE_WHILE_RUNNING
  IfFileExists "$INSTDIR\reviewdesk-gui.exe" 0 not_running
  ClearErrors
  FileOpen $0 "$INSTDIR\reviewdesk-gui.exe" a
  IfErrors running
  FileClose $0
  ClearErrors
  FileOpen $0 "$INSTDIR\reviewdesk.exe" a
  IfErrors running
  FileClose $0
  Goto not_running
running:
  MessageBox MB_OK|MB_ICONEXCLAMATION "$(IN_USE)" /SD IDOK
  SetErrorLevel 2
  Quit
not_running:
!macroend

; Only what the installer put there: a folder that a person chose may hold more.
!macro REMOVE_PROGRAM
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licenses"
  Delete "$INSTDIR\reviewdesk.exe"
  Delete "$INSTDIR\reviewdesk-gui.exe"
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs a 64-bit Windows." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Section "${NAME}"
  !insertmacro REFUSE_WHILE_RUNNING
  ; An older version's files must not stay beside the new ones. The profile is elsewhere and is not touched.
  !insertmacro REMOVE_PROGRAM
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\reviewdesk-gui.exe" "" "$INSTDIR\reviewdesk-gui.exe" 0

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Reviewdesk founders"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\reviewdesk-gui.exe,0"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" "$0"

  ; reviewdesk://review/ID. Behind "open --" nothing of an address can be taken for an option.
  WriteRegStr HKCU "${HANDLER}" "" "URL:${NAME}"
  WriteRegStr HKCU "${HANDLER}" "URL Protocol" ""
  WriteRegStr HKCU "${HANDLER}\DefaultIcon" "" "$INSTDIR\reviewdesk-gui.exe,0"
  WriteRegStr HKCU "${HANDLER}\shell\open\command" "" '"$INSTDIR\reviewdesk-gui.exe" open -- "%1"'

  ; So that "reviewdesk" works in the Run box and in "start reviewdesk".
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\reviewdesk.exe" "" "$INSTDIR\reviewdesk.exe"
SectionEnd

Section "Uninstall"
  !insertmacro REFUSE_WHILE_RUNNING
  !insertmacro REMOVE_PROGRAM
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${HANDLER}"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\reviewdesk.exe"
  ; The profile (%LOCALAPPDATA%\reviewdesk) and the credentials stay: they are the person's.
SectionEnd
