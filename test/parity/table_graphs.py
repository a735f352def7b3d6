"""Graphs with lookup tables, each with the nodes that fill them: builders that yield the tensors to compare."""
from support import np, tf

raw = tf.raw_ops


def after(*done):
    return tf.control_dependencies(list(done))


def filled_once(path):
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    with after(raw.InitializeTableV2(table_handle=table, keys=["b", "a", "c"], values=np.int64([1, 2, 3]))):
        found = raw.LookupTableFindV2(table_handle=table, keys=[["a", "x"], ["c", ""]], default_value=np.int64(-1))
        yield found
        yield raw.LookupTableSizeV2(table_handle=table)


def by_reference(path):
    table = raw.HashTable(key_dtype=tf.int64, value_dtype=tf.string)
    with after(raw.InitializeTable(table_handle=table, keys=np.int64([7, -7]), values=["seven", "minus"])):
        yield raw.LookupTableFind(table_handle=table, keys=np.int64([-7, 0, 7]), default_value="none")
        yield raw.LookupTableSize(table_handle=table)


def shared(path):
    """Two nodes, one table."""
    first, second = (raw.HashTableV2(key_dtype=tf.int32, value_dtype=tf.float32, shared_name="both") for _ in range(2))
    with after(raw.InitializeTableV2(table_handle=first, keys=np.int32([1, 2]), values=np.float32([.5, 1.5]))):
        yield raw.LookupTableFindV2(table_handle=second, keys=np.int32([2, 1, 0]), default_value=np.float32(9))


def changed(path):
    table = raw.MutableHashTableV2(key_dtype=tf.string, value_dtype=tf.float32)
    empty = raw.LookupTableSizeV2(table_handle=table)
    yield empty
    with after(empty), after(raw.LookupTableInsertV2(table_handle=table, keys=["a", "b", "a"], values=np.float32([1, 2, 3]))):
        before = raw.LookupTableFindV2(table_handle=table, keys=["a", "b"], default_value=np.float32(0))
        yield before
        with after(before, raw.LookupTableRemoveV2(table_handle=table, keys=["b", "z"])):
            yield raw.LookupTableExportV2(table_handle=table, Tkeys=tf.string, Tvalues=tf.float32).values
            yield raw.LookupTableFindV2(table_handle=table, keys=["b"], default_value=np.float32(0))


def of_rows(path):
    table = raw.MutableHashTableOfTensorsV2(key_dtype=tf.int64, value_dtype=tf.int32, value_shape=[2])
    with after(raw.LookupTableImportV2(table_handle=table, keys=np.int64([5, 6]), values=np.int32([[1, 2], [3, 4]]))):
        yield raw.LookupTableFindV2(table_handle=table, keys=np.int64([[6, 0], [5, 5]]), default_value=np.int32([8, 9]))


def write(path):
    with open(path, "w") as f:
        f.write("red\t3\ngreen leaf\t1\r\nblue\t20")
    return path


def from_lines(path):
    """All of a line to its number, and the other way."""
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    fill = raw.InitializeTableFromTextFileV2(table_handle=table, filename=write(path), key_index=-2, value_index=-1, offset=3)
    with after(fill):
        yield raw.LookupTableFindV2(table_handle=table, keys=["red\t3", "3", "green leaf\t1", "red"], default_value=np.int64(-1))
        yield raw.LookupTableSizeV2(table_handle=table)
    table = raw.HashTableV2(key_dtype=tf.int64, value_dtype=tf.string)
    fill = raw.InitializeTableFromTextFileV2(table_handle=table, filename=write(path), key_index=-1, value_index=-2, vocab_size=2)
    with after(fill):
        yield raw.LookupTableFindV2(table_handle=table, keys=np.int64([0, 1, 2]), default_value="?")


def from_columns(path):
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    fill = raw.InitializeTableFromTextFileV2(table_handle=table, filename=write(path), key_index=0, value_index=1)
    with after(fill):
        yield raw.LookupTableFindV2(table_handle=table, keys=["red", "green leaf", "blue", "3"], default_value=np.int64(-1))
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.float32)
    fill = raw.InitializeTableFromTextFileV2(table_handle=table, filename=write(path), key_index=0, value_index=1, vocab_size=2)
    with after(fill):
        yield raw.LookupTableFindV2(table_handle=table, keys=["red", "green leaf", "blue"], default_value=np.float32(-1))


ALL = (filled_once, by_reference, shared, changed, of_rows, from_lines, from_columns)


def never_filled(path):
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    return raw.LookupTableFindV2(table_handle=table, keys=["a"], default_value=np.int64(0))


def two_values(path):
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    with after(raw.InitializeTableV2(table_handle=table, keys=["a", "a"], values=np.int64([1, 2]))):
        return raw.LookupTableSizeV2(table_handle=table)


def no_file(path):
    table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    with after(raw.InitializeTableFromTextFileV2(table_handle=table, filename=path + ".none", key_index=-2, value_index=-1)):
        return raw.LookupTableSizeV2(table_handle=table)


REFUSED = ((never_filled, ["a table that was filled"]), (two_values, ["one value for a key"]), (no_file, ["a file to read"]))
