using System.Text;

namespace Coco.Cli.Commands;

/// <summary>What is sent: text of the command line, a file, or standard input.</summary>
internal static class Payload
{
    // What the library takes; more is a file's affair.
    private const int MaxLength = 16 << 20;

    public static async Task<byte[]> ReadAsync(string? text, string? file, CancellationToken cancellationToken)
    {
        if (text is not null && file is not null) { throw new CommandException(ExitCode.Usage, "Say a text or --file, not both."); }
        if (text is not null and not "-") { return Encoding.UTF8.GetBytes(text); }
        try
        {
            await using var stream = file is null ? Console.OpenStandardInput() : File.OpenRead(file);
            using var bytes = new MemoryStream();
            var buffer = new byte[64 << 10];
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                if (bytes.Length + count > MaxLength) { throw new CommandException(ExitCode.Failed, $"{file ?? "What comes on standard input"} is larger than a message may be, 16 MiB."); }
                bytes.Write(buffer, 0, count);
            }
            return bytes.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{file ?? "Standard input"} cannot be read: {Trouble.Say(exception)}", exception);
        }
    }
}
