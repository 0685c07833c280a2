using System.CommandLine;

namespace Coco.Cli.Commands;

/// <summary>Which programs may use a local end.</summary>
internal sealed record TunnelAccessOptions(Option<bool> User, Option<bool> Anyone)
{
    public static TunnelAccessOptions Add() => new(
        new("--user") { Description = "Let in all programs of yours, which includes browsers and their pages; otherwise those that show the token" },
        new("--anyone") { Description = "Let in whoever can connect" });

    public string Read(Invocation invocation) => (invocation.Get(User), invocation.Get(Anyone)) switch
    {
        (true, true) => throw new CommandException(ExitCode.Usage, "Say --user or --anyone, not both."),
        (true, _) => "same-user",
        (_, true) => "anyone",
        _ => "token",
    };

    public static string Explain(string access, string close) => access switch
    {
        "same-user" => $"Programs of yours may use it, until `{close}`.",
        "anyone" => $"Whoever can connect may use it, until `{close}`.",
        _ => $"Programs that send the token of `coco tunnel token` as their first line may use it, until `{close}`; with --user, all of yours.",
    };
}
