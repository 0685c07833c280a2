using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Coco.Architecture.Tests;

public sealed partial class LogEventTests
{
    [Fact]
    public void No_two_log_messages_share_an_event_id()
    {
        var types = Repository.ShippedProjects.SelectMany(project => Assembly.LoadFrom(Repository.AssemblyOf(project)).GetTypes());

        Assert.Empty(Repeated(types));
    }

    [Fact]
    public void Log_messages_are_found()
    {
        var types = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Coco.Quic.dll")).GetTypes();

        Assert.NotEmpty(types.SelectMany(Messages));
    }

    [Fact]
    public void The_check_finds_a_repeated_id() => Assert.Equal([7], Repeated([typeof(OneLog), typeof(AnotherLog)]));

    private static IEnumerable<int> Repeated(IEnumerable<Type> types) =>
        types.SelectMany(Messages).GroupBy(id => id).Where(same => same.Count() > 1).Select(same => same.Key);

    private static IEnumerable<int> Messages(Type type) => type
        .GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
        .Where(message => message is not null)
        .Select(message => message!.EventId);

    private static partial class OneLog
    {
        [LoggerMessage(7, LogLevel.Debug, "seven")]
        public static partial void Seven(ILogger logger);
    }

    private static partial class AnotherLog
    {
        [LoggerMessage(7, LogLevel.Debug, "seven again")]
        public static partial void Seven(ILogger logger);

        [LoggerMessage(8, LogLevel.Debug, "eight")]
        public static partial void Eight(ILogger logger);
    }
}
