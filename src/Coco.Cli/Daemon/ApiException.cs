namespace Coco.Cli.Daemon;

/// <summary>What the daemon answers where it does not do what it was asked. The message says what happened, and what to do.</summary>
internal sealed class ApiException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    public static ApiException Of(CocoError code, string message) => new(Api.ApiJson.NameOf(code), message);
}
