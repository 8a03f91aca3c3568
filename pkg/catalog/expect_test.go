package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// decodeJSON reads JSON as a caller of Check does.
func decodeJSON(t *testing.T, text string, useNumber bool) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	if useNumber {
		decoder.UseNumber()
	}
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func expectValue(t *testing.T, text string) JSONValue {
	t.Helper()
	var v JSONValue
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestCheck(t *testing.T) {
	const long = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
	for name, c := range map[string]struct {
		output           map[string]any
		schema           map[string]any
		equals, includes string
		result           string
		want             []string
	}{
		"nothing expected": {result: `{"a": [1, null, true, "x"]}`},
		"output schema": {
			output: map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{"type": "string"}}, "required": []any{"b"}},
			result: `{"a": 1}`,
			want:   []string{`$.a does not fit the function's output schema: must be a string, not a number`, `$.b does not fit the function's output schema: "b" is missing`},
		},
		"case's schema": {
			schema: map[string]any{"minLength": 3}, result: `"ab"`,
			want: []string{`$ does not fit the schema of the case: minLength: got 2, want 3`},
		},
		"integers of either form": {output: map[string]any{"type": "integer", "maximum": 10}, result: `1.0`},
		"schema that refers": {
			output: map[string]any{"$ref": "file:///etc/passwd"}, result: `1`,
			want: []string{`$ cannot be held against the function's output schema: it refers to others`},
		},
		"no schema": {
			output: map[string]any{"type": "text"}, result: `1`,
			want: []string{`$ cannot be held against the function's output schema: /type: value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'`},
		},
		"equal":                  {equals: `{"a": [1, {"b": null}], "c": 1.5}`, result: `{"c": 1.50, "a": [1.0, {"b": null}]}`},
		"null is a value":        {equals: `null`, result: `0`, want: []string{`$ is 0, not null`}},
		"a number is no text":    {equals: `1`, result: `"1"`, want: []string{`$ is "1", not 1`}},
		"true is no number":      {equals: `1`, result: `true`, want: []string{`$ is true, not 1`}},
		"large integers":         {equals: `9007199254740993`, result: `9007199254740992`, want: []string{`$ is 9007199254740992, not 9007199254740993`}},
		"large floats":           {equals: `9007199254740993`, result: `9007199254740992.0`, want: []string{`$ is 9007199254740992, not 9007199254740993`}},
		"exponents":              {equals: `1000`, result: `1e3`},
		"numbers beyond measure": {result: `{"a": [1e999999]}`, want: []string{`$.a[0] is a number that 64 bits cannot hold: 1e999999`}},
		"empty list, no object":  {equals: `{}`, result: `[]`, want: []string{`$ is [], not {}`}},
		"more members":           {equals: `{"a": 1}`, result: `{"a": 1, "odd name": 2}`, want: []string{`$["odd name"] is not expected`}},
		"fewer members":          {equals: `{"a": 1, "b": {"c": 1}}`, result: `{"a": 1, "b": {}}`, want: []string{`$.b.c is missing`}},
		"several":                {equals: `{"a": 1, "b": 2}`, result: `{"a": 2, "b": [1]}`, want: []string{`$.a is 2, not 1`, `$.b is a list, not 2`}},
		"included":               {includes: `{"a": {"b": [{}, 1]}}`, result: `{"a": {"b": [{"x": 1}, 1], "c": 2}, "d": 3}`},
		"nothing of an object":   {includes: `{}`, result: `{"a": 1}`},
		"nothing of a list":      {includes: `[]`, result: `[1]`, want: []string{`$ has 1 entries, not 0`}},
		"included elsewhere":     {includes: `[1, 2]`, result: `[2, 1]`, want: []string{`$[0] is 2, not 1`, `$[1] is 1, not 2`}},
		"not included":           {includes: `{"a": {"b": 1}}`, result: `{"a": {"b": 2}}`, want: []string{`$.a.b is 2, not 1`}},
		"included null":          {includes: `{"a": null}`, result: `{}`, want: []string{`$.a is missing`}},
		"long texts are cut":     {equals: `"x"`, result: `"` + long + `"`, want: []string{`$ is "` + long[:80] + `…", not "x"`}},
		"control characters":     {equals: `{}`, result: `{"\u001b[2J\n": "\u001b"}`, want: []string{`$["\u001b[2J\n"] is not expected`}},
		"equals and includes":    {equals: `1`, includes: `2`, result: `3`, want: []string{`$ is 3, not 1`, `$ is 3, not 2`}},
		"problems have their end": {equals: `[1,1,1,1,1,1,1,1,1,1,1,1]`, result: `[2,2,2,2,2,2,2,2,2,2,2,2]`, want: slices.Collect(func(yield func(string) bool) {
			for i := range MaxExpectProblems {
				if !yield(fmt.Sprintf("$[%d] is 2, not 1", i)) {
					return
				}
			}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			smokeCase := SmokeCase{Expect: Expect{Schema: c.schema}}
			if c.equals != "" {
				smokeCase.Expect.Equals = expectValue(t, c.equals)
			}
			if c.includes != "" {
				smokeCase.Expect.Includes = expectValue(t, c.includes)
			}
			if c.output == nil {
				c.output = map[string]any{}
			}
			got := smokeCase.Check(c.output, decodeJSON(t, c.result, true))
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// A function without a schema is refused by lint; a result for it fits nothing.
func TestCheckWithoutSchema(t *testing.T) {
	if problems := (SmokeCase{}).Check(nil, "x"); len(problems) != 1 {
		t.Errorf("%q", problems)
	}
}

// FuzzCheck holds any JSON against itself and against what differs from it.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `null`, `1e3`, `-0`, `9007199254740993`, `18446744073709551616`, `1e-400`,
		`{"a": [1, {"b": null}], "": "\u001b", "é": 1.50}`, `[[[{"x": {"y": {}}}]]]`, `"\ud800"`, `{"a": {"a": 1}, "b": 1E2}`} {
		f.Add(seed, "name")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		var equals JSONValue
		if json.Unmarshal([]byte(text), &equals) != nil {
			return
		}
		result := decodeJSON(t, text, true)
		if len((&SmokeCase{}).Check(map[string]any{}, result)) > 0 {
			return // numbers that cannot be held
		}
		check := func(expect Expect, result any) []string {
			problems := SmokeCase{Expect: expect}.Check(map[string]any{}, result)
			for _, problem := range problems {
				if !strings.HasPrefix(problem, "$") || len(problem) > 1000 || !utf8.ValidString(problem) || strings.ContainsAny(problem, "\n\r\x1b") {
					t.Errorf("no sentence for a report: %q", problem)
				}
			}
			return problems
		}
		for _, result := range []any{result, plain(decodeJSON(t, text, true))} {
			if problems := check(Expect{Equals: equals, Includes: equals}, result); len(problems) > 0 {
				t.Errorf("%s does not equal itself: %q", text, problems)
			}
		}
		// One level around it, so that there is an object and a list.
		object, list := map[string]any{name: result}, []any{result, result}
		if problems := check(Expect{Includes: JSONValue{true, map[string]any{}}}, object); len(problems) > 0 {
			t.Errorf("an object does not include nothing: %q", problems)
		}
		whole := expectObject(equals, name)
		if problems := check(Expect{Equals: whole, Includes: whole}, object); len(problems) > 0 {
			t.Errorf("an object does not equal itself: %q", problems)
		}
		for _, less := range []any{map[string]any{}, nil, list} {
			if len(check(Expect{Equals: whole}, less)) == 0 || len(check(Expect{Includes: whole}, less)) == 0 {
				t.Errorf("%v passes for {%q: %s}", less, name, text)
			}
		}
		if len(check(Expect{Equals: JSONValue{true, []any{equals.JSON}}}, list)) == 0 {
			t.Error("a longer list equals a shorter one")
		}
		// Taking any member away is seen by equals, and by includes the other way.
		top, _ := result.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(top)) {
			less := maps.Clone(top)
			delete(less, key)
			if len(check(Expect{Equals: equals}, less)) == 0 || len(check(Expect{Includes: equals}, less)) == 0 {
				t.Errorf("%s without %q passes", text, key)
			}
			if problems := check(Expect{Includes: JSONValue{true, plain(clone(less))}}, top); len(problems) > 0 {
				t.Errorf("%s does not include itself without %q: %q", text, key, problems)
			}
		}
	})
}

func expectObject(member JSONValue, name string) JSONValue {
	return JSONValue{true, map[string]any{name: member.JSON}}
}

// clone copies a value, as plain changes what it is given.
func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for key, member := range v {
			object[key] = clone(member)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = clone(item)
		}
		return list
	}
	return value
}
