using System.Text.Json;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>As much of JSON Schema (2020-12) as the document uses; a keyword that it does not know is an error, so that nothing goes unchecked.</summary>
internal static class Schema
{
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal) { "description", "format", "default", "title", "example", "examples", "deprecated", "readOnly", "writeOnly", "pattern" };

    public static IEnumerable<string> Check(JsonElement document, JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind is JsonValueKind.True) { yield break; }
        foreach (var keyword in schema.EnumerateObject())
        {
            foreach (var wrong in Check(document, schema, keyword, value, at)) { yield return wrong; }
        }
    }

    private static IEnumerable<string> Check(JsonElement document, JsonElement schema, JsonProperty keyword, JsonElement value, string at) => keyword.Name switch
    {
        "$ref" => Check(document, Resolve(document, keyword.Value.GetString()!), value, at),
        "type" => IsOf(keyword.Value, value) ? [] : [$"{at} is {value.ValueKind}, not {keyword.Value}"],
        "properties" when value.ValueKind is JsonValueKind.Object => CheckProperties(document, schema, keyword.Value, value, at),
        "required" when value.ValueKind is JsonValueKind.Object => keyword.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at} lacks {name}"),
        "items" when value.ValueKind is JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Check(document, keyword.Value, item, $"{at}[{i}]")),
        "enum" => keyword.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)) ? [] : [$"{at} is {value}, which is none of {keyword.Value}"],
        "oneOf" or "anyOf" => keyword.Value.EnumerateArray().Any(one => !Check(document, one, value, at).Any()) ? [] : [$"{at} is none of its alternatives"],
        "allOf" => keyword.Value.EnumerateArray().SelectMany(one => Check(document, one, value, at)),
        "additionalProperties" or "properties" or "required" or "items" => [],
        "maxItems" => value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() <= keyword.Value.GetInt32() ? [] : [$"{at} has too many items"],
        "minimum" => value.ValueKind is not JsonValueKind.Number || value.GetDouble() >= keyword.Value.GetDouble() ? [] : [$"{at} is too small"],
        "maximum" => value.ValueKind is not JsonValueKind.Number || value.GetDouble() <= keyword.Value.GetDouble() ? [] : [$"{at} is too great"],
        "maxLength" => value.ValueKind is not JsonValueKind.String || value.GetString()!.Length <= keyword.Value.GetInt32() ? [] : [$"{at} is too long"],
        "minLength" => value.ValueKind is not JsonValueKind.String || value.GetString()!.Length >= keyword.Value.GetInt32() ? [] : [$"{at} is too short"],
        var name when Ignored.Contains(name) => [],
        var name => [$"{at}: the checker does not know the keyword {name}"],
    };

    // What is answered is exactly what the contract names: more would be a leak, or a member that the document forgot.
    private static IEnumerable<string> CheckProperties(JsonElement document, JsonElement schema, JsonElement properties, JsonElement value, string at)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out var known))
            {
                foreach (var wrong in Check(document, known, member.Value, $"{at}.{member.Name}")) { yield return wrong; }
            }
            else if (!schema.TryGetProperty("additionalProperties", out var others) || others.ValueKind is JsonValueKind.False) { yield return $"{at} has {member.Name}, which the document does not name"; }
        }
    }

    private static JsonElement Resolve(JsonElement document, string reference)
    {
        var found = document;
        foreach (var part in reference.Split('/')[1..]) { found = found.GetProperty(part); }
        return found;
    }

    private static bool IsOf(JsonElement type, JsonElement value) => type.ValueKind is JsonValueKind.Array ? type.EnumerateArray().Any(one => IsOf(one, value)) : type.GetString() switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind is JsonValueKind.Number,
        "null" => value.ValueKind is JsonValueKind.Null,
        var other => throw new InvalidOperationException($"type {other}"),
    };
}
