namespace Coco.Cli.Client;

/// <summary>Paths of questions, with what is asked about.</summary>
internal static class Route
{
    public static string To(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (value is null) { continue; }
            path += $"{separator}{name}={Uri.EscapeDataString(value)}";
            separator = '&';
        }
        return path;
    }
}
