using Coco.Cli.Commands;
using Coco.ControlPlane.Client;

namespace Coco.Cli.Control;

/// <summary>A command's question to a control plane, and what its problems mean to somebody at a terminal.</summary>
internal static class ControlPlaneCall
{
    /// <summary>Has the token. Not an option: arguments are shown to every user of the machine, and stay in the shell's history.</summary>
    public const string TokenVariable = "COCO_CONTROL_TOKEN";

    /// <summary>What a token has to allow that brings networks and nodes.</summary>
    public const string NetworksScope = "networks:write nodes:write";

    // Chosen: a figure from a database takes milliseconds; nobody at a terminal waits longer to hear that there is none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Asks, and answers what the control plane did.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="address">Where the control plane is.</param>
    /// <param name="scope">What the token has to allow.</param>
    /// <param name="ask">The question.</param>
    /// <exception cref="CommandException">There is no token, or no answer.</exception>
    public static async Task<T> AskAsync<T>(Invocation invocation, string address, string scope, Func<ControlPlaneClient, Task<T>> ask)
    {
        var origin = OriginOf(address);
        var token = TokenOf(invocation.Shell, scope);
        try
        {
            return await invocation.WaitAsync($"Asking {origin.Host}", AskAsync(origin, token, invocation.Shell.Time, ask));
        }
        catch (ControlPlaneException exception)
        {
            throw new CommandException(CodeOf(exception.Code), Sentence(exception, scope), exception);
        }
    }

    /// <summary>Asks, with a token or without.</summary>
    /// <exception cref="ControlPlaneException">There is no answer, or a problem.</exception>
    public static async Task<T> AskAsync<T>(Uri origin, string? token, TimeProvider time, Func<ControlPlaneClient, Task<T>> ask)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !origin.IsLoopback }; // the token is for this address alone
        using var http = new HttpClient(handler) { BaseAddress = origin, Timeout = Patience };
        return await ask(new(http, _ => new(token), time));
    }

    /// <summary>What went wrong, and what to do.</summary>
    public static string Sentence(ControlPlaneException exception, string scope) => $"{Trouble.Sentence(Plain(exception.Message))}{AdviceOn(exception.Code, scope)}";

    /// <summary>What a control plane says, without characters that a terminal would obey.</summary>
    public static string Plain(string text) => string.Concat(text.Where(static character => !char.IsControl(character)));

    /// <summary>The control plane at an address.</summary>
    /// <exception cref="CommandException">It is none, or one where others could read the token.</exception>
    public static Uri OriginOf(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var origin) || origin.Scheme is not ("https" or "http") || origin.UserInfo.Length > 0 || origin.PathAndQuery != "/")
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" is no address of a control plane. It is such as https://control.example.");
        }
        return origin.Scheme == "https" || origin.IsLoopback
            ? origin
            : throw new CommandException(ExitCode.Usage, $"{address} is not encrypted: others on the way could read the token. Use https://.");
    }

    /// <summary>The token of whoever runs the command.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static string TokenOf(Shell shell, string scope)
    {
        var token = shell.Variable(TokenVariable)?.Trim();
        if (string.IsNullOrEmpty(token)) { throw new CommandException(ExitCode.NotPermitted, $"There is no token. Put one of the control plane's, with the scope {scope}, in {TokenVariable}."); }
        return token.All(static character => character is > ' ' and <= '~')
            ? token
            : throw new CommandException(ExitCode.NotPermitted, $"What {TokenVariable} has is no token. Copy it anew.");
    }

    private static ExitCode CodeOf(ControlPlaneError error) => error switch
    {
        ControlPlaneError.NotFound => ExitCode.NotFound,
        ControlPlaneError.Unauthenticated or ControlPlaneError.Forbidden or ControlPlaneError.InsufficientScope => ExitCode.NotPermitted,
        ControlPlaneError.Unreachable or ControlPlaneError.Unavailable or ControlPlaneError.TooManyRequests => ExitCode.Unreachable,
        _ => ExitCode.Failed,
    };

    private static string AdviceOn(ControlPlaneError error, string scope) => error switch
    {
        ControlPlaneError.NotFound when scope == NetworksScope => " Ask the network's owner to bring it there: `coco net control register`.",
        ControlPlaneError.PlanExceeded => " Whoever runs the control plane sets the plan.",
        ControlPlaneError.NotFound => " Look at the network's key; only its owner, admins and their apps are shown it.",
        ControlPlaneError.Unauthenticated => $" Put a token that still holds in {TokenVariable}.",
        ControlPlaneError.InsufficientScope => $" Put a token with the scope {scope} in {TokenVariable}.",
        ControlPlaneError.Unreachable => " Look at the address, and try again later.",
        ControlPlaneError.TooManyRequests or ControlPlaneError.Unavailable => " Try again later.",
        _ => "",
    };
}
