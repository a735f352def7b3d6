"""A pass has one name in five places: its def, its file, its test, its description with IR, a line in compiler/pipeline."""
import os
import re

from tree import ROOT, files, finish, read

# Passes that no pipeline runs, each with its reason.
ON_DEMAND = {}


def kebab(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def main():
    problems = []
    pipelines = "".join(read(p) for p in files(".cpp", under=("compiler/pipeline",)))
    for table in files("Passes.td"):
        room = os.path.dirname(table)
        for definition in re.split(r"^def ", read(table), flags=re.M)[1:]:
            name, argument = re.match(r'(\w+) : Pass<"([\w-]+)"', definition).groups()
            stem = name[:-len("Pass")]
            where = "%s: %s: " % (table, name)
            if not name.endswith("Pass"):
                problems.append(where + "expected a name that ends in Pass")
            if not os.path.exists(os.path.join(ROOT, room, stem + ".cpp")):
                problems.append(where + "expected %s.cpp beside it" % stem)
            # A conversion is called by both of its dialects, any other pass by its dialect and its name.
            is_conversion = room.startswith("compiler/conversion/")
            short = argument if is_conversion else argument.split("-", 1)[1]
            if kebab(stem) not in (short, short + "-graph"):
                problems.append(where + "expected the argument to say the same, got '%s'" % argument)
            test = "test/%s/%s.mlir" % (os.path.dirname(room) if is_conversion else room, short)
            if not os.path.exists(os.path.join(ROOT, test)) or "--" + argument not in read(test):
                problems.append(where + "expected %s to run --%s" % (test, argument))
            if "create%s(" % name not in pipelines and name not in ON_DEMAND:
                problems.append(where + "expected a line in compiler/pipeline")
            for word in ("let summary", "let description", "```mlir"):
                if word not in definition:
                    problems.append(where + "expected '%s'" % word)
            if "// becomes" not in definition and "// error" not in definition:
                problems.append(where + "expected IR before and after ('// becomes') or an error ('// error')")
    finish(problems)


main()
