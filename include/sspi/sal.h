/* SPDX-License-Identifier: MIT */
/*
 * Microsoft's source code annotations (SAL 2), which declarations in Windows programs carry: words
 * for its analyser, and nothing for a compiler. Part of windef.h, unless the program brings its
 * own.
 */
#ifndef GSS_SSPI_SAL_H
#define GSS_SSPI_SAL_H

#ifndef _In_

#define _In_
#define _In_opt_
#define _In_opt_z_
#define _In_range_(low, high)
#define _In_reads_(size)
#define _In_reads_bytes_(size)
#define _In_reads_bytes_opt_(size)
#define _In_reads_opt_(size)
#define _In_reads_opt_z_(size)
#define _In_reads_or_z_(size)
#define _In_reads_or_z_opt_(size)
#define _In_reads_to_ptr_(end)
#define _In_reads_to_ptr_opt_(end)
#define _In_reads_to_ptr_opt_z_(end)
#define _In_reads_to_ptr_z_(end)
#define _In_reads_z_(size)
#define _In_z_

#define _Out_
#define _Out_opt_
#define _Out_range_(low, high)
#define _Out_writes_(size)
#define _Out_writes_all_(size)
#define _Out_writes_all_opt_(size)
#define _Out_writes_bytes_(size)
#define _Out_writes_bytes_all_(size)
#define _Out_writes_bytes_all_opt_(size)
#define _Out_writes_bytes_opt_(size)
#define _Out_writes_bytes_to_(size, used)
#define _Out_writes_bytes_to_opt_(size, used)
#define _Out_writes_opt_(size)
#define _Out_writes_opt_z_(size)
#define _Out_writes_to_(size, used)
#define _Out_writes_to_opt_(size, used)
#define _Out_writes_to_ptr_(end)
#define _Out_writes_to_ptr_opt_(end)
#define _Out_writes_to_ptr_opt_z_(end)
#define _Out_writes_to_ptr_z_(end)
#define _Out_writes_z_(size)

#define _Inout_
#define _Inout_opt_
#define _Inout_opt_z_
#define _Inout_updates_(size)
#define _Inout_updates_all_(size)
#define _Inout_updates_all_opt_(size)
#define _Inout_updates_bytes_(size)
#define _Inout_updates_bytes_all_(size)
#define _Inout_updates_bytes_all_opt_(size)
#define _Inout_updates_bytes_opt_(size)
#define _Inout_updates_bytes_to_(size, used)
#define _Inout_updates_bytes_to_opt_(size, used)
#define _Inout_updates_opt_(size)
#define _Inout_updates_opt_z_(size)
#define _Inout_updates_to_(size, used)
#define _Inout_updates_to_opt_(size, used)
#define _Inout_updates_z_(size)
#define _Inout_z_

#define _Outptr_
#define _Outptr_opt_
#define _Outptr_opt_result_buffer_(size)
#define _Outptr_opt_result_buffer_all_(size)
#define _Outptr_opt_result_buffer_all_maybenull_(size)
#define _Outptr_opt_result_buffer_maybenull_(size)
#define _Outptr_opt_result_buffer_to_(size, used)
#define _Outptr_opt_result_buffer_to_maybenull_(size, used)
#define _Outptr_opt_result_bytebuffer_(size)
#define _Outptr_opt_result_bytebuffer_all_(size)
#define _Outptr_opt_result_bytebuffer_all_maybenull_(size)
#define _Outptr_opt_result_bytebuffer_maybenull_(size)
#define _Outptr_opt_result_bytebuffer_to_(size, used)
#define _Outptr_opt_result_bytebuffer_to_maybenull_(size, used)
#define _Outptr_opt_result_maybenull_
#define _Outptr_opt_result_maybenull_z_
#define _Outptr_opt_result_nullonfailure_
#define _Outptr_opt_result_z_
#define _Outptr_result_buffer_(size)
#define _Outptr_result_buffer_all_(size)
#define _Outptr_result_buffer_all_maybenull_(size)
#define _Outptr_result_buffer_maybenull_(size)
#define _Outptr_result_buffer_to_(size, used)
#define _Outptr_result_buffer_to_maybenull_(size, used)
#define _Outptr_result_bytebuffer_(size)
#define _Outptr_result_bytebuffer_all_(size)
#define _Outptr_result_bytebuffer_all_maybenull_(size)
#define _Outptr_result_bytebuffer_maybenull_(size)
#define _Outptr_result_bytebuffer_to_(size, used)
#define _Outptr_result_bytebuffer_to_maybenull_(size, used)
#define _Outptr_result_maybenull_
#define _Outptr_result_maybenull_z_
#define _Outptr_result_nullonfailure_
#define _Outptr_result_z_

#define _Outref_
#define _Outref_result_buffer_(size)
#define _Outref_result_buffer_all_(size)
#define _Outref_result_buffer_all_maybenull_(size)
#define _Outref_result_buffer_maybenull_(size)
#define _Outref_result_buffer_to_(size, used)
#define _Outref_result_buffer_to_maybenull_(size, used)
#define _Outref_result_bytebuffer_(size)
#define _Outref_result_bytebuffer_all_(size)
#define _Outref_result_bytebuffer_all_maybenull_(size)
#define _Outref_result_bytebuffer_maybenull_(size)
#define _Outref_result_bytebuffer_to_(size, used)
#define _Outref_result_bytebuffer_to_maybenull_(size, used)
#define _Outref_result_maybenull_
#define _Outref_result_nullonfailure_

#define _COM_Outptr_
#define _COM_Outptr_opt_
#define _COM_Outptr_opt_result_maybenull_
#define _COM_Outptr_result_maybenull_

#define _Ret_maybenull_
#define _Ret_maybenull_z_
#define _Ret_notnull_
#define _Ret_null_
#define _Ret_range_(low, high)
#define _Ret_valid_
#define _Ret_writes_(size)
#define _Ret_writes_bytes_(size)
#define _Ret_writes_bytes_maybenull_(size)
#define _Ret_writes_bytes_to_(size, used)
#define _Ret_writes_bytes_to_maybenull_(size, used)
#define _Ret_writes_maybenull_(size)
#define _Ret_writes_maybenull_z_(size)
#define _Ret_writes_to_(size, used)
#define _Ret_writes_to_maybenull_(size, used)
#define _Ret_writes_z_(size)
#define _Ret_z_

#define _Field_range_(low, high)
#define _Field_size_(size)
#define _Field_size_bytes_(size)
#define _Field_size_bytes_full_(size)
#define _Field_size_bytes_full_opt_(size)
#define _Field_size_bytes_opt_(size)
#define _Field_size_bytes_part_(size, used)
#define _Field_size_bytes_part_opt_(size, used)
#define _Field_size_full_(size)
#define _Field_size_full_opt_(size)
#define _Field_size_opt_(size)
#define _Field_size_part_(size, used)
#define _Field_size_part_opt_(size, used)
#define _Field_z_

#define _Always_(what)
#define _Analysis_assume_(condition)
#define _Analysis_assume_nullterminated_(text)
#define _Analysis_mode_(mode)
#define _At_(where, what)
#define _At_buffer_(where, index, count, what)
#define _Called_from_function_class_(name)
#define _Check_return_
#define _Deref_in_range_(low, high)
#define _Deref_inout_range_(low, high)
#define _Deref_out_range_(low, high)
#define _Deref_ret_range_(low, high)
#define _Function_class_(name)
#define _Group_(what)
#define _Must_inspect_result_
#define _NullNull_terminated_
#define _Null_terminated_
#define _On_failure_(what)
#define _Post_
#define _Post_equal_to_(value)
#define _Post_readable_byte_size_(size)
#define _Post_readable_size_(size)
#define _Post_satisfies_(condition)
#define _Post_writable_byte_size_(size)
#define _Post_writable_size_(size)
#define _Pre_equal_to_(value)
#define _Pre_notnull_
#define _Pre_readable_byte_size_(size)
#define _Pre_readable_size_(size)
#define _Pre_satisfies_(condition)
#define _Pre_writable_byte_size_(size)
#define _Pre_writable_size_(size)
#define _Printf_format_string_
#define _Printf_format_string_params_(at)
#define _Readable_bytes_(size)
#define _Readable_elements_(size)
#define _Reserved_
#define _Result_nullonfailure_
#define _Result_zeroonfailure_
#define _Return_type_success_(condition)
#define _Scanf_format_string_
#define _Scanf_format_string_params_(at)
#define _Scanf_s_format_string_
#define _Scanf_s_format_string_params_(at)
#define _Strict_type_match_
#define _Struct_size_bytes_(size)
#define _Success_(condition)
#define _Unchanged_(what)
#define _Use_decl_annotations_
#define _When_(condition, what)
#define _Writable_bytes_(size)
#define _Writable_elements_(size)

#endif

#endif
