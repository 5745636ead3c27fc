/* SPDX-License-Identifier: BSD-2-Clause
 *
 * unicode.h - the names that may stand in \p{...}, as ECMA-262 lists them:
 * general categories and binary properties of characters.  Spelling counts.
 */
#ifndef WI_SCHEMA_UNICODE_H
#define WI_SCHEMA_UNICODE_H

/* clang-format off */

/* X(short, long, other name or the same): PCRE2 knows the short ones. */
#define WI_UNICODE_CATEGORIES(X) \
	X("L",  "Letter",            "Letter") \
	X("Lu", "Uppercase_Letter",  "Uppercase_Letter") \
	X("Ll", "Lowercase_Letter",  "Lowercase_Letter") \
	X("Lt", "Titlecase_Letter",  "Titlecase_Letter") \
	X("Lm", "Modifier_Letter",   "Modifier_Letter") \
	X("Lo", "Other_Letter",      "Other_Letter") \
	X("M",  "Mark",              "Combining_Mark") \
	X("Mn", "Nonspacing_Mark",   "Nonspacing_Mark") \
	X("Mc", "Spacing_Mark",      "Spacing_Mark") \
	X("Me", "Enclosing_Mark",    "Enclosing_Mark") \
	X("N",  "Number",            "Number") \
	X("Nd", "Decimal_Number",    "digit") \
	X("Nl", "Letter_Number",     "Letter_Number") \
	X("No", "Other_Number",      "Other_Number") \
	X("P",  "Punctuation",       "punct") \
	X("Pc", "Connector_Punctuation", "Connector_Punctuation") \
	X("Pd", "Dash_Punctuation",  "Dash_Punctuation") \
	X("Ps", "Open_Punctuation",  "Open_Punctuation") \
	X("Pe", "Close_Punctuation", "Close_Punctuation") \
	X("Pi", "Initial_Punctuation", "Initial_Punctuation") \
	X("Pf", "Final_Punctuation", "Final_Punctuation") \
	X("Po", "Other_Punctuation", "Other_Punctuation") \
	X("S",  "Symbol",            "Symbol") \
	X("Sm", "Math_Symbol",       "Math_Symbol") \
	X("Sc", "Currency_Symbol",   "Currency_Symbol") \
	X("Sk", "Modifier_Symbol",   "Modifier_Symbol") \
	X("So", "Other_Symbol",      "Other_Symbol") \
	X("Z",  "Separator",         "Separator") \
	X("Zs", "Space_Separator",   "Space_Separator") \
	X("Zl", "Line_Separator",    "Line_Separator") \
	X("Zp", "Paragraph_Separator", "Paragraph_Separator") \
	X("C",  "Other",             "Other") \
	X("Cc", "Control",           "cntrl") \
	X("Cf", "Format",            "Format") \
	X("Cs", "Surrogate",         "Surrogate") \
	X("Co", "Private_Use",       "Private_Use") \
	X("Cn", "Unassigned",        "Unassigned")

/* X(name, short name or the same): PCRE2 knows both. */
#define WI_UNICODE_BINARY(X) \
	X("ASCII", "ASCII") \
	X("ASCII_Hex_Digit", "AHex") \
	X("Alphabetic", "Alpha") \
	X("Any", "Any") \
	X("Bidi_Control", "Bidi_C") \
	X("Bidi_Mirrored", "Bidi_M") \
	X("Case_Ignorable", "CI") \
	X("Cased", "Cased") \
	X("Changes_When_Casefolded", "CWCF") \
	X("Changes_When_Casemapped", "CWCM") \
	X("Changes_When_Lowercased", "CWL") \
	X("Changes_When_Titlecased", "CWT") \
	X("Changes_When_Uppercased", "CWU") \
	X("Dash", "Dash") \
	X("Default_Ignorable_Code_Point", "DI") \
	X("Deprecated", "Dep") \
	X("Diacritic", "Dia") \
	X("Emoji", "Emoji") \
	X("Emoji_Component", "EComp") \
	X("Emoji_Modifier", "EMod") \
	X("Emoji_Modifier_Base", "EBase") \
	X("Emoji_Presentation", "EPres") \
	X("Extended_Pictographic", "ExtPict") \
	X("Extender", "Ext") \
	X("Grapheme_Base", "Gr_Base") \
	X("Grapheme_Extend", "Gr_Ext") \
	X("Hex_Digit", "Hex") \
	X("IDS_Binary_Operator", "IDSB") \
	X("IDS_Trinary_Operator", "IDST") \
	X("ID_Continue", "IDC") \
	X("ID_Start", "IDS") \
	X("Ideographic", "Ideo") \
	X("Join_Control", "Join_C") \
	X("Logical_Order_Exception", "LOE") \
	X("Lowercase", "Lower") \
	X("Math", "Math") \
	X("Noncharacter_Code_Point", "NChar") \
	X("Pattern_Syntax", "Pat_Syn") \
	X("Pattern_White_Space", "Pat_WS") \
	X("Quotation_Mark", "QMark") \
	X("Radical", "Radical") \
	X("Regional_Indicator", "RI") \
	X("Sentence_Terminal", "STerm") \
	X("Soft_Dotted", "SD") \
	X("Terminal_Punctuation", "Term") \
	X("Unified_Ideograph", "UIdeo") \
	X("Uppercase", "Upper") \
	X("Variation_Selector", "VS") \
	X("White_Space", "space") \
	X("XID_Continue", "XIDC") \
	X("XID_Start", "XIDS")

/* clang-format on */

#endif
