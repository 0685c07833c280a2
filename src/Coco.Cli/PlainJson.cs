using System.Text;
using System.Text.Json;

namespace Coco.Cli;

/// <summary>What commands that need no daemon print with <c>--json</c>: one object on a line.</summary>
internal static class PlainJson
{
    public static void Write(TextWriter output, Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }
}
