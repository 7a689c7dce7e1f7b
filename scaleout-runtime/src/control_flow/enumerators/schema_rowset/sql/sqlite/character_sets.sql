SELECT encoding AS CHARACTER_SET_NAME, encoding AS FORM_OF_USE FROM pragma_encoding
