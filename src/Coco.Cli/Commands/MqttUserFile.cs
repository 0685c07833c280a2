using Coco.Cli.Api;

namespace Coco.Cli.Commands;

/// <summary>
/// A file of MQTT users, as mosquitto has it, with one field more:
/// <code>
/// NAME:HASH[:NETWORK]            who shows the name and the password that the hash is of uses the network's topics
/// client ID[:NETWORK]            who calls itself so does; that proves nothing
/// # remarks, and empty lines
/// </code>
/// Without a network it is the one that the server is opened for.
/// </summary>
internal static class MqttUserFile
{
    public static async Task<IReadOnlyList<MqttUserWish>> ReadAsync(string file, CancellationToken cancellationToken)
    {
        string[] lines;
        try
        {
            lines = await File.ReadAllLinesAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be read: {Trouble.Say(exception)}", exception);
        }
        var users = new List<MqttUserWish>();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#') { continue; }
            users.Add(Parse(line) ?? throw new CommandException(ExitCode.Failed, $"{file}, line {i + 1}: write NAME:HASH[:NETWORK], as `coco mqtt passwd` does, or client ID[:NETWORK]."));
        }
        return users.Count > 0 ? users : throw new CommandException(ExitCode.Failed, $"{file} names nobody, so that nobody could use the server. Add somebody: `coco mqtt passwd {file} NAME`.");
    }

    /// <summary>The lines of a file with a user's line in it, instead of the one it had.</summary>
    public static IReadOnlyList<string> With(IReadOnlyList<string> lines, string name, string hash, string? network)
    {
        var line = network is null ? $"{name}:{hash}" : $"{name}:{hash}:{network}";
        var others = lines.Where(other => !other.StartsWith(name + ":", StringComparison.Ordinal));
        return [.. others, line];
    }

    private static MqttUserWish? Parse(string line)
    {
        const string Client = "client ";
        if (line.StartsWith(Client, StringComparison.Ordinal))
        {
            return line[Client.Length..].Trim().Split(':') switch
            {
                [{ Length: > 0 } id] => new() { ClientId = id },
                [{ Length: > 0 } id, { Length: > 0 } network] => new() { ClientId = id, Network = network },
                _ => null,
            };
        }
        return line.Split(':') switch
        {
            [{ Length: > 0 } name, { Length: > 0 } hash] => new() { Name = name, PasswordHash = hash },
            [{ Length: > 0 } name, { Length: > 0 } hash, { Length: > 0 } network] => new() { Name = name, PasswordHash = hash, Network = network },
            _ => null,
        };
    }
}
