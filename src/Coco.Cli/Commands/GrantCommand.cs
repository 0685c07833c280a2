using System.CommandLine;
using System.Globalization;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco grant</c>: roles, and rights to resources.</summary>
internal static class GrantCommand
{
    public static Command Make(Shell shell) => new("grant", "Give people roles, and rights to resources") { Role(shell), Resource(shell), List(shell) };

    private static Command Role(Shell shell)
    {
        var who = Who(shell, "The node whose user is meant, or the user's key");
        var role = new Argument<string>("ROLE") { Description = "admin or guest" };
        role.CompletionSources.Add("admin", "guest");
        var network = CommonOptions.Network(shell);
        return new Command("role", "Make a user an admin or a guest") { who, role, network }
            .WithExamples("coco grant role kitchen admin", "coco grant role kitchen guest      takes the role back")
            .Runs(shell, async invocation =>
            {
                var wish = new RoleWish(invocation.Need(who), invocation.Need(role));
                var done = await invocation.Daemon.PostAsync<RoleWish, Done>(Route.To("/v1/roles", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(done, _ => invocation.Output.WriteLine($"The user of {wish.Who} is {wish.Role} now."));
            });
    }

    private static Command Resource(Shell shell)
    {
        var who = Who(shell, "The node whose user is meant, the user's key, or role:guest and role:admin");
        var resource = new Argument<string>("RESOURCE") { Description = "Which resources: home/door/front, home/+/light for one level, home/# for all below" };
        var actions = new Option<string[]>("--action") { Description = "What with them, several times; everything otherwise", HelpName = "ACTION" };
        var from = new Option<string?>("--from") { Description = "From when, such as 2030-01-31T08:00", HelpName = "TIME" };
        var until = new Option<string?>("--until") { Description = "Until when, such as 2030-01-31T18:00, or for how long, such as 7d", HelpName = "TIME" };
        var network = CommonOptions.Network(shell);
        return new Command("resource", "Let a user, or all of a role, do things with resources") { who, resource, actions, from, until, network }
            .WithExamples("coco grant resource kitchen home/door/front --action open --until 7d", "coco grant resource role:guest home/+/light")
            .Runs(shell, async invocation =>
            {
                var wish = new GrantWish
                {
                    Who = invocation.Need(who), Resource = invocation.Need(resource), Actions = invocation.Get(actions) ?? [],
                    From = TimeOf(invocation.Get(from)), Until = TimeOf(invocation.Get(until)),
                };
                var grant = await invocation.Daemon.PostAsync<GrantWish, GrantView>(Route.To("/v1/grants", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(grant, _ => invocation.Output.WriteLine($"Granted as {grant.Id}: `coco revoke {grant.Id}` takes it back."));
            });
    }

    private static Command List(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("list", "List rights to resources") { network }.WithExamples("coco grant list").Runs(shell, async invocation =>
        {
            var list = await invocation.Daemon.GetAsync<GrantList>(Route.To("/v1/grants", ("network", invocation.Get(network))), invocation.Stopping);
            invocation.Print(list, _ =>
            {
                var table = Tables.Of("GRANT", "WHO", "ACTIONS", "RESOURCES", "UNTIL");
                foreach (var one in list.Grants)
                {
                    var actions = one.Actions.Count == 0 ? "everything" : string.Join(", ", one.Actions);
                    var until = one.Until is { } end ? $"{end.ToLocalTime():yyyy-MM-dd HH:mm}" : "";
                    table.AddRow(one.Id, one.Role is { } role ? $"role {role}" : Tables.Short(one.User!), Markup.Escape(actions), Markup.Escape(one.Resource), until);
                }
                invocation.Print(table);
            });
        });
    }

    private static Argument<string> Who(Shell shell, string description)
    {
        var who = CommonArguments.Node(shell);
        return new("WHO") { Description = description, CompletionSources = { context => who.GetCompletions(context) } };
    }

    private static DateTimeOffset? TimeOf(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? time
        : DateTimeOffset.UtcNow + Durations.Parse(text);
}
