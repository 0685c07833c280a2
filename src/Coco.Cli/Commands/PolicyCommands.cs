using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco policy allow|set|show</c>: who may use which services and topics of whom. <c>policy test</c> needs no daemon and is older.</summary>
internal static class PolicyCommands
{
    public static Command Make(Shell shell) => new("policy", "Say who may use which services and topics, and test it") { Allow(shell), Set(shell), Show(shell), Test() };

    private static Command Set(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "The policy; - reads it from standard input" };
        var network = CommonOptions.Network(shell);
        return new Command("set", "Give the network a policy: it holds at all members within a moment") { file, network }
            .WithExamples("coco policy set home.policy", "printf 'coco policy 1\\nallow service * from anyone\\n' | coco policy set -")
            .Runs(shell, async invocation =>
            {
                var name = invocation.Need(file);
                var text = name == "-" ? await Console.In.ReadToEndAsync(invocation.Stopping) : await ReadAsync(name, invocation.Stopping);
                var done = await invocation.Daemon.PostAsync<PolicyText, Done>(Route.To("/v1/policy", ("network", invocation.Get(network))), new(text), invocation.Stopping);
                invocation.Print(done, _ => invocation.Output.WriteLine("The policy holds."));
            });
    }

    private static Command Allow(Shell shell)
    {
        var words = new Argument<string[]>("RULE") { Description = "service|publish|subscribe NAME from WHO [to WHO], as in a policy's lines; WHO is anyone, or any of user USERID, role guest|admin, app APP, tag TAG", Arity = ArgumentArity.OneOrMore };
        var network = CommonOptions.Network(shell);
        return new Command("allow", "Add a rule that allows something to the network's policy, which allows the owner alone at first") { words, network }
            .WithExamples("coco policy allow service web from anyone", "coco policy allow subscribe 'sensors/#' from role guest")
            .Runs(shell, async invocation =>
            {
                var rule = $"allow {string.Join(' ', invocation.Get(words) ?? [])}";
                var path = Route.To("/v1/policy", ("network", invocation.Get(network)));
                var policy = await invocation.Daemon.GetAsync<PolicyText>(path, invocation.Stopping);
                if (!policy.Policy.Split('\n').Contains(rule, StringComparer.Ordinal))
                {
                    await invocation.Daemon.PostAsync<PolicyText, Done>(path, new($"{policy.Policy.TrimEnd('\n')}\n{rule}\n"), invocation.Stopping);
                }
                var now = await invocation.Daemon.GetAsync<PolicyText>(path, invocation.Stopping);
                invocation.Print(now, _ => invocation.Output.WriteLine($"The policy has: {rule}"));
            });
    }

    private static Command Show(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("show", "Print the network's policy") { network }.WithExamples("coco policy show > home.policy").Runs(shell, async invocation =>
        {
            var policy = await invocation.Daemon.GetAsync<PolicyText>(Route.To("/v1/policy", ("network", invocation.Get(network))), invocation.Stopping);
            invocation.Print(policy, _ => invocation.Output.Write(policy.Policy));
        });
    }

    private static Command Test() => new Command("test", "Ask a policy in the words of its rules; ends with 0 when it allows, else with 1")
    {
        new Argument<string>("FILE") { Description = "The policy" },
        new Argument<string[]>("QUESTION") { Description = "service|publish|subscribe NAME from WHO [to WHO]; WHO is anyone, or any of user USERID, role guest|admin|owner, app APP, tag TAG" },
    }.WithExamples("coco policy test home.policy service ssh from role admin to tag server");

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{file} cannot be read: {Trouble.Say(exception)}", exception);
        }
    }
}
