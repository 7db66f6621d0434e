# tide_avro_schema(OUT NAMES...): writes OUT, the C table of <name>.avsc, and again when one changes.
function(tide_avro_schema out)
  set(texts "")
  set(rows "")
  foreach(name IN LISTS ARGN)
    set(file ${CMAKE_CURRENT_SOURCE_DIR}/${name}.avsc)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND texts "static const char ${name}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${name}\", ${name}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT "#include \"schemas/avro_schema.h\"
#include <stddef.h>

@texts@
const struct tide_avro_schema tide_avro_schema[] = {
@rows@    {NULL, NULL}};
")
endfunction()
