using System.Text.Json;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>What an app got.</summary>
internal sealed record Answered(int Status, JsonElement Json)
{
    public string this[string name] => Json.GetProperty(name).GetString()!;

    public bool Has(string name) => Json.ValueKind is JsonValueKind.Object && Json.TryGetProperty(name, out _);
}
