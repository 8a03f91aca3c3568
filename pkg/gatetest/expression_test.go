package gatetest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scope is what an expression can name: contexts such as github, by their names.
// status is what the functions success() and failure() go by.
type scope struct {
	contexts map[string]any
	status   string // "success", "failure" or "cancelled"
}

// token is a part of GitHub's expression language, as far as the workflows use it.
var token = regexp.MustCompile(`^\s*('(?:[^']|'')*'|[0-9]+|&&|\|\||==|!=|[!(),.\[\]]|[A-Za-z_][A-Za-z0-9_-]*)`)

type evaluator struct {
	scope
	rest string
	next string
}

// evaluate computes an expression. What is not understood is an error, never false.
func (s scope) evaluate(text string) (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", text, r)
		}
	}()
	e := &evaluator{scope: s, rest: text}
	e.advance()
	value = e.or()
	if e.next != "" {
		panic("what is " + e.next + " for?")
	}
	return value, nil
}

func (e *evaluator) advance() {
	found := token.FindStringSubmatch(e.rest)
	if found == nil {
		if strings.TrimSpace(e.rest) != "" {
			panic("cannot read " + e.rest)
		}
		e.next = ""
		return
	}
	e.rest, e.next = e.rest[len(found[0]):], found[1]
}

func (e *evaluator) take(what string) bool {
	if e.next != what {
		return false
	}
	e.advance()
	return true
}

func (e *evaluator) or() any {
	left := e.and()
	for e.take("||") {
		if right := e.and(); !truth(left) {
			left = right
		}
	}
	return left
}

func (e *evaluator) and() any {
	left := e.equal()
	for e.take("&&") {
		if right := e.equal(); truth(left) {
			left = right
		}
	}
	return left
}

func (e *evaluator) equal() any {
	left := e.unary()
	for {
		switch {
		case e.take("=="):
			left = same(left, e.unary())
		case e.take("!="):
			left = !same(left, e.unary())
		default:
			return left
		}
	}
}

func (e *evaluator) unary() any {
	if e.take("!") {
		return !truth(e.unary())
	}
	word := e.next
	e.advance()
	switch {
	case word == "(":
		value := e.or()
		e.want(")")
		return value
	case strings.HasPrefix(word, "'"):
		return strings.ReplaceAll(word[1:len(word)-1], "''", "'")
	case word == "true" || word == "false":
		return word == "true"
	case word == "null":
		return nil
	case e.take("("):
		var args []any
		for !e.take(")") {
			args = append(args, e.or())
			if e.next != ")" {
				e.want(",")
			}
		}
		return e.call(word, args)
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil {
		return number
	}
	value, ok := e.contexts[word]
	if !ok {
		panic("there is no context " + word)
	}
	for e.take(".") {
		key := e.next
		e.advance()
		switch m := value.(type) {
		case map[string]any:
			value = m[key]
		case map[string]string:
			value = nil
			if text, ok := m[key]; ok {
				value = text
			}
		case nil:
		default:
			panic(fmt.Sprintf("%v has no %s", value, key))
		}
	}
	return value
}

func (e *evaluator) want(what string) {
	if !e.take(what) {
		panic("want " + what + ", have " + e.next)
	}
}

func (e *evaluator) call(name string, args []any) any {
	switch name {
	case "always":
		return true
	case "success", "failure", "cancelled":
		return e.status == name
	case "fromJSON":
		var value any
		if err := json.Unmarshal([]byte(shown(args[0])), &value); err != nil {
			panic(err)
		}
		return value
	}
	panic("there is no function " + name)
}

func truth(value any) bool {
	return value != nil && value != "" && value != false && value != 0.0
}

// same compares as GitHub does: texts without case, other kinds as numbers.
func same(a, b any) bool {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return strings.EqualFold(x, y)
		}
	}
	if reflect.TypeOf(a) == reflect.TypeOf(b) {
		return reflect.DeepEqual(a, b)
	}
	return number(a) == number(b)
}

func number(value any) float64 {
	switch v := value.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		if v == "" {
			return 0
		}
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return n
		}
	}
	return math.NaN()
}

// shown is a value as it stands in a text.
func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, float64:
		return fmt.Sprint(v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// value computes a text with expressions in it. A text that is one expression keeps
// its kind.
func (s scope) value(text string) (any, error) {
	trimmed := strings.TrimSpace(text)
	if all := expression.FindAllStringSubmatchIndex(trimmed, -1); len(all) == 1 && all[0][0] == 0 && all[0][1] == len(trimmed) {
		return s.evaluate(trimmed[all[0][2]:all[0][3]])
	}
	var failed error
	out := expression.ReplaceAllStringFunc(text, func(found string) string {
		value, err := s.evaluate(expression.FindStringSubmatch(found)[1])
		if err != nil {
			failed = err
		}
		return shown(value)
	})
	return out, failed
}

// condition computes an `if`. Without a function that says otherwise, it is for
// what went well so far.
func (s scope) condition(text string) (bool, error) {
	if found := expression.FindStringSubmatch(strings.TrimSpace(text)); found != nil {
		text = found[1]
	}
	if !regexp.MustCompile(`\b(always|success|failure|cancelled)\(\)`).MatchString(text) {
		if s.status != "success" {
			return false, nil
		}
	}
	if strings.TrimSpace(text) == "" {
		return true, nil
	}
	value, err := s.evaluate(text)
	return truth(value), err
}

func TestExpressions(t *testing.T) {
	s := scope{contexts: map[string]any{
		"github": map[string]any{"sha": "abc", "ref_type": "branch", "event": map[string]any{"number": 7.0}},
		"needs":  map[string]any{"a": map[string]any{"result": "success", "outputs": map[string]string{"jobs": "0", "matrix": `{"include":[]}`}}},
		"vars":   map[string]string{},
	}, status: "failure"}
	for text, want := range map[string]any{
		"github.sha": "abc", "github.event.number": 7.0, "github.event.no.where": nil,
		"needs.a.outputs.jobs != '0'":                                false,
		"needs.a.result == 'SUCCESS' && needs.a.outputs.jobs == '0'": true,
		"github.ref_type == 'tag' && 'mainnet' || 'testnet'":         "testnet",
		"!cancelled() && failure()":                                  true,
		"(success() || always()) && !false":                          true,
		"vars.X || '[\"a''b\"]'":                                     `["a'b"]`,
		"fromJSON(needs.a.outputs.matrix)":                           map[string]any{"include": []any{}},
	} {
		if got, err := s.evaluate(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v (%v), want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"nothing.here", "hashFiles('x')", "github.sha github", "github.sha ==", "'open", "fromJSON('{')"} {
		if got, err := s.evaluate(text); err == nil {
			t.Errorf("%s is %v", text, got)
		}
	}
	for text, want := range map[string]bool{"": false, "github.sha": false, "always()": true, "${{ !cancelled() && github.sha == 'abc' }}": true} {
		if got, err := s.condition(text); err != nil || got != want {
			t.Errorf("if %s is %v (%v)", text, got, err)
		}
	}
}
